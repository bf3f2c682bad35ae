import { digest } from '@tributary/kernel';
import type { Difference } from '../report.js';
import type { Latecomers } from '../recompute/latecomers.js';
import { LeftOut } from '../recompute/left-out.js';
import type { Scratch } from '../scratch.js';

/** What the comparisons share: where things are, what is left out, and what was found so far. */
export class Comparison {
  readonly compared: Record<string, number> = {};
  readonly differences: Difference[] = [];
  differenceCount = 0;
  /** Of links beyond their bound; see {@link beyondBound}. */
  undecided: LeftOut;
  /** Of those who occurred on events that are erased. */
  readonly besideErased: LeftOut;

  constructor(
    readonly scratch: Scratch,
    private readonly keep: number,
    private readonly sample: number,
    readonly latecomers: Latecomers,
  ) {
    this.undecided = new LeftOut(scratch);
    this.besideErased = new LeftOut(scratch);
  }

  /** Whether a profile is in the sample; the same ones each time. */
  readonly isSampled = (profile: string): boolean =>
    this.sample >= 1 || Number.parseInt(digest(profile).slice(0, 8), 16) < this.sample * 2 ** 32;

  /** Whether a profile may be that of somebody who is not compared. */
  isLeftOut(profile: string): boolean {
    return [this.latecomers.leftOut, this.undecided, this.besideErased].some(({ profiles }) =>
      profiles.has(profile),
    );
  }

  /** Why identifiers of a component, or profiles, are not compared; undefined where they are. */
  reasonToLeaveOut(component: number): string | undefined {
    if (this.latecomers.leftOut.components.has(component)) return 'that move, not compared';
    if (this.undecided.components.has(component)) return 'in components beyond the bound, not compared';
    if (this.besideErased.components.has(component)) return 'beside somebody erased, not compared';
    return undefined;
  }

  count(what: string, by = 1): void {
    this.compared[what] = (this.compared[what] ?? 0) + by;
  }

  /** Notes a difference; the events behind it are looked up only where it is kept. */
  differ(difference: Omit<Difference, 'events'>, events: () => readonly string[] = () => []): void {
    this.differenceCount += 1;
    if (this.differences.length < this.keep) this.differences.push({ ...difference, events: events() });
  }

  /** Adds what this one found to another. */
  mergeInto(other: Comparison): void {
    for (const [what, count] of Object.entries(this.compared)) other.count(what, count);
    for (const { events, ...difference } of this.differences) other.differ(difference, () => events);
    other.differenceCount += this.differenceCount - this.differences.length;
  }
}
