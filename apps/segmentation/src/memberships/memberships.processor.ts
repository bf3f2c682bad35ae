import {
  isEpochKey,
  parseMembershipKey,
  readFragment,
  TOPICS,
  type MembershipMessage,
} from '@tributary/contracts';
import type { LogRecord, Logs, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import { saidOfFacts, type VersionedFact } from '@tributary/profiles';
import type { PartitionContext, PartitionProcessor, Phases, TableWriter } from '@tributary/state';
import { isDeepStrictEqual } from 'node:util';
import type { Audience } from '../audiences/audiences-in-force.js';
import { changeOf, exitOf, evaluateAudience, publishedOf, type Change } from './evaluate.js';
import { beginEpoch, readPublished } from './memberships-log.js';
import { causeOf, toMembershipRecord, toRepeatRecord } from './records.js';
import {
  foldFact,
  joinedAt,
  type Move,
  type Occasion,
  type PartitionState,
  type ProfileState,
  type Touched,
} from './profile-state.js';
import { Timers } from './timers.js';

export type MembershipsState = ProfileState | PartitionState;

export interface MembershipsOptions {
  readonly now: () => number;
  /** `workspaceId/key` → audience. */
  readonly audiences: ReadonlyMap<string, Audience>;
  readonly logs: Logs;
}

const FRAGMENTS = TOPICS.fragments.name;
const PARTITION = '@partition';

/** Evaluates the profiles of one partition, and publishes only changes to what it, or an owner before it, last published. */
export class MembershipsProcessor implements PartitionProcessor {
  readonly #timers: Timers;
  #epoch = 0;
  #sequence = 0;
  #catchUpTo = 0;
  #latest = 0;

  constructor(
    private readonly context: PartitionContext<MembershipsState>,
    private readonly options: MembershipsOptions,
  ) {
    this.#timers = new Timers(context.store);
  }

  async restored(): Promise<Phases> {
    const { partition } = this.context;
    const { logs, now } = this.options;
    const before = this.#partition();
    this.#epoch = await beginEpoch(logs, partition, now());
    await readPublished(logs, partition, before, this.#epoch, (published) => {
      this.#restore(published);
    });
    this.#catchUpTo = (await logs.bounds(FRAGMENTS)).get(partition)?.end ?? 0;
    const isCatchingUp = this.context.startOf(FRAGMENTS) < this.#catchUpTo;
    const { evaluatedBy } = before;
    this.#keep({ membershipsOffset: this.#epoch, epoch: this.#epoch, evaluatedBy, isCatchingUp });
    if (isCatchingUp) return [];
    return [
      [
        ...(before.isCatchingUp ? this.#evaluateUnevaluated() : []),
        ...this.#evaluateDefinitions(),
        ...this.#pass(),
      ],
    ];
  }

  handle(batch: PartitionBatch): Phases {
    const touched = new Map<string, Touched>();
    for (const record of batch.records) this.#fold(record, touched);
    if (!this.#partition().isCatchingUp) {
      return [
        [...[...touched].flatMap(([profile, by]) => this.#evaluateTouched(profile, by)), ...this.#pass()],
      ];
    }
    for (const [profile, by] of touched) this.#putOff(profile, by);
    if (batch.endOffset < this.#catchUpTo) return [];
    this.#keep({ ...this.#partition(), isCatchingUp: false });
    return [[...this.#evaluateUnevaluated(), ...this.#evaluateDefinitions(), ...this.#pass()]];
  }

  wake(): Phases {
    return this.#partition().isCatchingUp ? [] : [this.#pass()];
  }

  /** The published membership, under this owner's epoch; nothing, where it has none: then it was never published. */
  republish(_topic: string, key: string): OutgoingRecord | undefined {
    if (isEpochKey(key)) return undefined;
    const { workspaceId, audienceKey, profileId } = parseMembershipKey(key);
    const profile = this.#profile(scopedKey(workspaceId, profileId));
    const published = profile?.published[audienceKey];
    return toRepeatRecord(key, published && changeOf(profile, audienceKey, published), this.#epoch);
  }

  checkpoint(writer: TableWriter): void {
    this.#timers.checkpoint(writer);
  }

  redefined(): Phases {
    return [this.#evaluateDefinitions()];
  }

  /** Evaluates everybody by the definitions that are new, or mean something else now; those that are gone let all go. */
  #evaluateDefinitions(): readonly OutgoingRecord[] {
    const partition = this.#partition();
    if (partition.isCatchingUp) return [];
    const { audiences } = this.options;
    const changed = [...audiences].filter(
      ([key, { definitionHash }]) => partition.evaluatedBy[key] !== definitionHash,
    );
    const gone = Object.keys(partition.evaluatedBy).filter((key) => !audiences.has(key));
    if (changed.length === 0 && gone.length === 0) return [];
    const evaluatedBy = Object.fromEntries(
      [...audiences].map(([key, { definitionHash }]) => [key, definitionHash]),
    );
    this.#keep({ ...partition, evaluatedBy });
    const fresh = new Set(changed.map(([, audience]) => audience));
    const now = this.#now();
    const occasion: Occasion = { cause: 'definition', now };
    const out: OutgoingRecord[] = [];
    for (const profile of this.#profiles()) {
      const key = scopedKey(profile.workspaceId, profile.profileId);
      for (const audience of gone) out.push(...this.#letGo(profile, audience, now));
      for (const { key: audience } of fresh) delete profile.deadlines?.[audience];
      out.push(
        ...this.#evaluateAudience(key, profile, now, (audience) =>
          fresh.has(audience) ? occasion : undefined,
        ),
      );
    }
    return out;
  }

  #fold(record: LogRecord, touched: Map<string, Touched>): void {
    const { workspaceId, profileId, profile, identifier, group, facts } = readFragment(record);
    const state = this.#profile(profile) ?? { workspaceId, profileId, fragments: {}, published: {} };
    const by = touched.get(profile) ?? newTouched();
    let isChanged = false;
    for (const [fact, said] of saidOfFacts(state.fragments, identifier, group, facts)) {
      const before = state.fragments[identifier]?.[fact]?.value;
      const folded = foldFact(state.fragments, identifier, fact, said);
      isChanged ||= folded.isChanged;
      // A group is published whole: most of its facts say what they said before.
      if (folded.isChanged && !isDeepStrictEqual(said?.value, before))
        note(by, identifier, fact, said, folded.move);
    }
    if (!isChanged) return;
    this.context.state.set(profile, state, FRAGMENTS, record.offset);
    if (by.facts.size > 0) touched.set(profile, by);
  }

  #evaluateTouched(key: string, { facts, moved, causes, arrived }: Touched): readonly OutgoingRecord[] {
    const profile = this.#profile(key);
    if (!profile) return [];
    const now = this.#now();
    const joined = joinedAt(profile.fragments, arrived);
    const occasion: Occasion = { cause: moved ?? 'event', causedBy: causes, joinedAt: joined, now };
    return this.#evaluateAudience(key, profile, now, (audience) =>
      moved !== undefined || [...audience.facts].some((fact) => facts.has(fact)) ? occasion : undefined,
    );
  }

  /** For when all is read; what identity did once is not forgotten for an event after it. */
  #putOff(profile: string, { moved = 'event', arrived }: Touched): void {
    const state = this.#profile(profile);
    if (!state) return;
    const { move, arrived: before } = state.unevaluated ?? { move: 'event', arrived: [] };
    const unevaluated = {
      move: move === 'event' ? moved : move,
      arrived: [...new Set([...before, ...arrived])],
    };
    this.context.state.replace(profile, { ...state, unevaluated });
  }

  #evaluateUnevaluated(): readonly OutgoingRecord[] {
    const out: OutgoingRecord[] = [];
    for (const profile of this.#profiles()) {
      const { unevaluated } = profile;
      if (!unevaluated) continue;
      const key = scopedKey(profile.workspaceId, profile.profileId);
      delete profile.unevaluated;
      const now = this.#now();
      const joined = joinedAt(profile.fragments, new Set(unevaluated.arrived));
      const occasion: Occasion = { cause: unevaluated.move, joinedAt: joined, now };
      out.push(...this.#evaluateAudience(key, profile, now, () => occasion));
      this.context.state.replace(key, profile);
    }
    return out;
  }

  /** Windows that have passed: the instant of each exit is the deadline itself. */
  #pass(): readonly OutgoingRecord[] {
    const now = this.#now();
    const out: OutgoingRecord[] = [];
    for (const key of this.#timers.due(now)) {
      const profile = this.#profile(key);
      if (!profile) continue;
      out.push(...this.#evaluateAudience(key, profile, now, () => undefined));
    }
    const next = this.#timers.next();
    if (next !== undefined) this.context.wakeAt(Math.max(next, now + 1));
    return out;
  }

  /** By the audiences that the occasion touches; what changes in one that it does not touch, time has changed. */
  #evaluateAudience(
    key: string,
    profile: ProfileState,
    now: number,
    occasionOf: (audience: Audience) => Occasion | undefined,
  ): readonly OutgoingRecord[] {
    const { evaluatedBy } = this.#partition();
    const passed: Occasion = { cause: 'time', now };
    const before = profile.deadlines;
    const deadlines: Record<string, number> = {};
    const out: OutgoingRecord[] = [];
    for (const [id, audience] of this.options.audiences) {
      if (audience.workspaceId !== profile.workspaceId || evaluatedBy[id] !== audience.definitionHash)
        continue;
      const occasion = occasionOf(audience);
      const known = before?.[audience.key];
      const isDue = !before || (known !== undefined && known <= now);
      if (!occasion && !isDue) {
        if (known !== undefined) deadlines[audience.key] = known;
        continue;
      }
      const { changes, published, deadline } = evaluateAudience(profile, audience, occasion ?? passed);
      if (deadline !== undefined) deadlines[audience.key] = deadline;
      if (published) profile.published[audience.key] = published;
      out.push(...changes.map((change) => this.#publish(change)));
    }
    if (out.length > 0 || !isDeepStrictEqual(before, deadlines)) this.#remind(key, profile, deadlines);
    return out;
  }

  #publish(change: Change): OutgoingRecord {
    this.#sequence += 1;
    return toMembershipRecord(change, this.#epoch, this.#sequence);
  }

  #remind(key: string, profile: ProfileState, deadlines: Record<string, number>): void {
    const next = Math.min(...Object.values(deadlines));
    const deadline = next === Infinity ? undefined : next;
    profile.deadlines = deadlines;
    this.#timers.set(key, deadline);
    if (deadline !== undefined) this.context.wakeAt(deadline);
    this.context.state.replace(key, profile);
  }

  #letGo(profile: ProfileState, audience: string, now: number): readonly OutgoingRecord[] {
    const audienceKey = audience.slice(profile.workspaceId.length + 1);
    const published = profile.published[audienceKey];
    if (audience !== scopedKey(profile.workspaceId, audienceKey) || !published) return [];
    const exit = exitOf(profile, audienceKey, now);
    const { definitionHash: _meaning, ...before } = published;
    profile.published[audienceKey] = published.member ? publishedOf(exit) : before;
    this.context.state.replace(scopedKey(profile.workspaceId, profile.profileId), profile);
    return published.member ? [this.#publish(exit)] : [];
  }

  #restore(published: MembershipMessage): void {
    const { workspaceId, profileId, audienceKey, since } = published;
    const key = scopedKey(workspaceId, profileId);
    const profile = this.#profile(key) ?? { workspaceId, profileId, fragments: {}, published: {} };
    profile.published[audienceKey] = publishedOf(published);
    this.#latest = Math.max(this.#latest, Date.parse(since));
    this.context.state.replace(key, profile);
  }

  /** The clock, but never before the latest instant of the published memberships. */
  #now(): number {
    this.#latest = Math.max(this.#latest, this.options.now());
    return this.#latest;
  }

  #partition(): PartitionState {
    const known = this.context.state.get(PARTITION) as PartitionState | undefined;
    return known ?? { membershipsOffset: 0, epoch: 0, evaluatedBy: {}, isCatchingUp: false };
  }

  #keep(partition: PartitionState): void {
    this.context.state.replace(PARTITION, partition);
  }

  #profile(key: string): ProfileState | undefined {
    return this.context.state.get(key) as ProfileState | undefined;
  }

  *#profiles(): IterableIterator<ProfileState> {
    for (const { state } of [...this.context.state.all()]) if ('profileId' in state) yield state;
  }
}

function newTouched(): Touched {
  return { facts: new Set(), causes: new Map(), arrived: new Set() };
}

function note(
  by: Touched,
  identifier: string,
  fact: string,
  said: VersionedFact | undefined,
  move: Move | undefined,
): void {
  by.facts.add(fact);
  if (move && (by.moved ?? 'event') === 'event') by.moved = move;
  if (move === 'merge') by.arrived.add(identifier);
  const causedBy = said && causeOf(fact, said.value);
  if (causedBy === undefined) return;
  by.causes.delete(fact);
  by.causes.set(fact, causedBy);
}
