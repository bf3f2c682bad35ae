import { scopedKey } from '@tributary/kernel';
import type { PartitionContext, Timers } from '@tributary/state';
import type { AudienceIndex } from '../audiences/audience-index.js';
import type { Audience } from '../audiences/audiences-in-force.js';
import { evaluateAudience, exitOf, publishedOf, type Change } from './evaluate.js';
import {
  joinedAt,
  type MembershipsState,
  type Occasion,
  type PartitionState,
  type ProfileState,
  type Scan,
  type Touched,
} from './profile-state.js';
import { pendingOf } from './scans.js';

/** The definitions in force, how far the partition has been gone through by them, and the instant. */
export interface Surroundings {
  readonly index: AudienceIndex;
  readonly partition: PartitionState;
  readonly now: number;
}

const NONE: ReadonlySet<string> = new Set();

/** Evaluates the profiles of a partition one by one. What comes of it is in their states and timers. */
export class Evaluator {
  constructor(
    private readonly context: PartitionContext<MembershipsState>,
    private readonly timers: Timers,
    /** The profiles that were folded and not evaluated, at an instant of no meaning. */
    private readonly unevaluated: Timers,
  ) {}

  /**
   * What is owed to a profile before anything else happens to it: its evaluation after a catch-up, and by the definitions
   * whose scan has not come to it, as of the instant at which they took effect. So it comes out the same as if
   * everybody had been gone through at once. `scanned`: the audiences whose scan comes to it now; of the others it is noted
   * that they need not come any more.
   */
  settle(
    key: string,
    profile: ProfileState,
    surroundings: Surroundings,
    scanned: ReadonlySet<string> = NONE,
  ): readonly Change[] {
    const { partition, index, now } = surroundings;
    const isBehind = (cursor: string) => this.context.state.isAfter(key, cursor);
    const pending = new Map(pendingOf(partition, profile, isBehind));
    const { unevaluated } = profile;
    const progress = new Progress(profile);
    if (unevaluated) {
      delete profile.unevaluated;
      this.unevaluated.set(key, undefined);
      const others = index.of(profile.workspaceId).filter((audience) => !pending.has(idOf(audience)));
      const joined = joinedAt(profile.fragments, new Set(unevaluated.arrived));
      const occasion: Occasion = { cause: unevaluated.move, joinedAt: joined, now };
      for (const audience of others) progress.evaluate(audience, occasion);
    }
    for (const [id, { to, at }] of pending) if (to === undefined) progress.letGo(id, unevaluated ? now : at);
    const fresh = [...pending.keys()].flatMap((id) => index.all.get(id) ?? []);
    for (const audience of index.inOrder(fresh)) {
      const { at = now, isFirst } = pending.get(idOf(audience)) ?? {};
      progress.define(audience, { at, now, isLate: unevaluated !== undefined, isFirst });
    }
    const isNoted = noteAhead(profile, pending, scanned);
    if (pending.size > 0 || unevaluated) this.#pass(progress, surroundings);
    if (progress.isChanged || unevaluated || isNoted) this.#keep(key, profile);
    return progress.changes;
  }

  /** By the audiences that depend on what changed; by all where somebody came or left. */
  touched(
    key: string,
    profile: ProfileState,
    { facts, moved, causes, arrived }: Touched,
    surroundings: Surroundings,
  ): readonly Change[] {
    const { index, now } = surroundings;
    const { workspaceId, deadlines = {} } = profile;
    const occasion: Occasion = {
      ...{ cause: moved ?? 'event', causedBy: causes, now },
      joinedAt: joinedAt(profile.fragments, arrived),
    };
    const concerned = new Set(
      moved === undefined ? index.reading(workspaceId, facts) : index.of(workspaceId),
    );
    const all = new Set(concerned);
    for (const [audience, deadline] of Object.entries(deadlines)) {
      const due = deadline <= now && index.all.get(scopedKey(workspaceId, audience));
      if (due) all.add(due);
    }
    const progress = new Progress(profile);
    // What changes in one that the occasion does not concern, time has changed.
    for (const audience of index.inOrder(all))
      progress.evaluate(audience, concerned.has(audience) ? occasion : { cause: 'time', now });
    if (progress.isChanged) this.#keep(key, profile);
    return progress.changes;
  }

  /** Windows that have passed: the instant of each exit is the deadline itself. */
  due(key: string, profile: ProfileState, surroundings: Surroundings): readonly Change[] {
    const settled = this.settle(key, profile, surroundings);
    const progress = new Progress(profile);
    this.#pass(progress, surroundings);
    this.#keep(key, profile);
    return [...settled, ...progress.changes];
  }

  #pass(progress: Progress, { index, now }: Surroundings): void {
    const { workspaceId, deadlines = {} } = progress.profile;
    const due = Object.keys(deadlines).filter((audience) => (deadlines[audience] ?? Infinity) <= now);
    const audiences = due.flatMap((audience) => index.all.get(scopedKey(workspaceId, audience)) ?? []);
    for (const audience of index.inOrder(audiences)) progress.evaluate(audience, { cause: 'time', now });
  }

  #keep(key: string, profile: ProfileState): void {
    const next = Math.min(...Object.values(profile.deadlines ?? {}));
    this.timers.set(key, next === Infinity ? undefined : next);
    this.context.state.replace(key, profile);
  }
}

/** What a profile has become in the course of a step. */
class Progress {
  readonly changes: Change[] = [];
  isChanged = false;

  constructor(readonly profile: ProfileState) {}

  evaluate(audience: Audience, occasion: Occasion): void {
    const { changes, published, deadline } = evaluateAudience(this.profile, audience, occasion);
    this.changes.push(...changes);
    this.isChanged ||= changes.length > 0;
    if (published) this.profile.published[audience.key] = published;
    this.#remind(audience.key, deadline);
  }

  /**
   * By a definition that took effect at an instant. Where facts came since that were not evaluated, or it is known to have been
   * evaluated since, in a life of which the rest is lost: as of now. The first members of an audience are marked.
   */
  define(
    audience: Audience,
    of: {
      readonly at: number;
      readonly now: number;
      readonly isLate: boolean;
      readonly isFirst?: true | undefined;
    },
  ): void {
    const { at, now, isLate, isFirst } = of;
    this.#remind(audience.key, undefined);
    const { since = -Infinity, definitionHash } = this.profile.published[audience.key] ?? {};
    const cause = isFirst && definitionHash === undefined ? 'back-fill' : 'definition';
    this.evaluate(audience, { cause, now: isLate || since > at ? now : at });
  }

  /** The audience is no more. */
  letGo(id: string, at: number): void {
    const { workspaceId, published } = this.profile;
    const audienceKey = id.slice(workspaceId.length + 1);
    this.#remind(audienceKey, undefined);
    const known = published[audienceKey];
    if (known?.definitionHash === undefined) return;
    this.isChanged = true;
    const exit = exitOf(this.profile, audienceKey, at);
    const { definitionHash: _meaning, ...before } = known;
    published[audienceKey] = known.member ? publishedOf(exit) : before;
    if (known.member) this.changes.push(exit);
  }

  #remind(audience: string, deadline: number | undefined): void {
    const deadlines = (this.profile.deadlines ??= {});
    if (deadlines[audience] === deadline) return;
    this.isChanged = true;
    if (deadline === undefined) Reflect.deleteProperty(deadlines, audience);
    else deadlines[audience] = deadline;
  }
}

const idOf = ({ workspaceId, key }: Audience) => scopedKey(workspaceId, key);

/** Notes which scans need not come to the profile any more, and forgets it of those that do; whether anything was noted. */
function noteAhead(
  profile: ProfileState,
  pending: ReadonlyMap<string, Scan>,
  scanned: ReadonlySet<string>,
): boolean {
  const before = Object.entries(profile.ahead ?? {}).filter(([id]) => !scanned.has(id));
  const now = [...pending].flatMap(([id, { to = '' }]) => (scanned.has(id) ? [] : [[id, to] as const]));
  const isNoted = now.length > 0 || before.length < Object.keys(profile.ahead ?? {}).length;
  if (!isNoted) return false;
  const ahead = Object.fromEntries([...before, ...now]);
  if (Object.keys(ahead).length > 0) profile.ahead = ahead;
  else delete profile.ahead;
  return true;
}
