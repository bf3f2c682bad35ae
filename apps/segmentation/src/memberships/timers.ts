import type { PartitionStore, TableWriter } from '@tributary/state';
import { DeadlineHeap } from './deadline-heap.js';

const DIGITS = 15;

/** One deadline a profile, in an order that survives restarts: what changed since the checkpoint in memory, the rest on disk. */
export class Timers {
  /** Profile → its deadline now; undefined where it has none any more. */
  readonly #fresh = new Map<string, number | undefined>();
  /** Those of the fresh that have one, and what they had before. */
  readonly #heap = new DeadlineHeap();
  /** All rows of the disk that come before are fresh. */
  #from = '';

  constructor(
    private readonly store: PartitionStore,
    /** Names the tables. */
    private readonly name: string,
  ) {}

  set(profile: string, deadline: number | undefined): void {
    this.#fresh.set(profile, deadline);
    if (deadline !== undefined) this.#heap.push({ at: deadline, profile });
  }

  /** Takes out profiles whose deadline is not after `now`, the earliest first, so many at most: they have none any more. */
  take(now: number, limit: number): readonly string[] {
    const taken: string[] = [];
    while (taken.length < limit) {
      const next = this.#next();
      if (!next || next.at > now) break;
      taken.push(next.profile);
      this.#fresh.set(next.profile, undefined);
    }
    return taken;
  }

  /** The earliest deadline of all. */
  next(): number | undefined {
    return this.#next()?.at;
  }

  checkpoint(writer: TableWriter): void {
    for (const [profile, deadline] of this.#fresh) {
      const before = this.store.getFrom(this.#byProfile, profile);
      if (before !== undefined) writer.remove(this.name, orderedKey(Number(before), profile));
      if (deadline === undefined) {
        writer.remove(this.#byProfile, profile);
      } else {
        writer.put(this.name, orderedKey(deadline, profile), '');
        writer.put(this.#byProfile, profile, String(deadline));
      }
    }
    this.#fresh.clear();
    this.#heap.clear();
    this.#from = '';
  }

  #next() {
    let fresh = this.#heap.first;
    while (fresh && this.#fresh.get(fresh.profile) !== fresh.at) {
      this.#heap.pop();
      fresh = this.#heap.first;
    }
    for (const { key } of this.store.range(this.name, this.#from)) {
      this.#from = key;
      const stored = { at: Number(key.slice(0, DIGITS)), profile: key.slice(DIGITS + 1) };
      if (this.#fresh.has(stored.profile)) continue;
      return fresh && fresh.at <= stored.at ? fresh : stored;
    }
    return fresh;
  }

  get #byProfile(): string {
    return `${this.name}-by-profile`;
  }
}

function orderedKey(deadline: number, profile: string): string {
  return `${String(deadline).padStart(DIGITS, '0')} ${profile}`;
}
