import { isClaim, judgeMembership, parseMembershipKey, readFragment, TOPICS } from '@tributary/contracts';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import type { PartitionContext, PartitionTask, Phases, TableWriter } from '@tributary/state';
import { isDeepStrictEqual } from 'node:util';
import type { Audience } from '../audiences/audiences-in-force.js';
import { changeOf, exitOf, judge, registeredOf, type Change } from './judge.js';
import { causeOf, fromMembershipRecord, toMembershipRecord, toRepeatRecord } from './mapping.js';
import {
  foldFact,
  joinedAt,
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
  /** Claims the memberships partition; the claim's offset is the epoch. */
  readonly claim: (partition: number) => Promise<number>;
  readonly readMemberships: (
    partition: number,
    from: number,
    to: number,
    onRecord: (record: LogRecord) => void,
  ) => Promise<unknown>;
  /** The end of the partition's fragments now. */
  readonly fragmentsEnd: (partition: number) => Promise<number>;
}

const FRAGMENTS = TOPICS.fragments.name;
const PARTITION = '@partition';

/** Judges the profiles of one partition, and speaks only of changes: to what it, or an owner before it, last said. */
export class MembershipsTask implements PartitionTask {
  readonly #timers: Timers;
  #epoch = 0;
  #said = 0;
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
    const before = this.#partition();
    this.#epoch = await this.options.claim(partition);
    await this.#restoreRegister(before);
    this.#catchUpTo = await this.options.fragmentsEnd(partition);
    const isCatchingUp = this.context.startOf(FRAGMENTS) < this.#catchUpTo;
    const { judgedBy } = before;
    this.#keep({ membershipsOffset: this.#epoch, epoch: this.#epoch, judgedBy, isCatchingUp });
    if (isCatchingUp) return [];
    return [
      [...(before.isCatchingUp ? this.#judgeUnjudged() : []), ...this.#judgeDefinitions(), ...this.#pass()],
    ];
  }

  handle(batch: PartitionBatch): Phases {
    const touched = new Map<string, Touched>();
    for (const record of batch.records) this.#fold(record, touched);
    if (!this.#partition().isCatchingUp) {
      return [[...[...touched].flatMap(([profile, by]) => this.#judgeTouched(profile, by)), ...this.#pass()]];
    }
    for (const [profile, by] of touched) this.#putOff(profile, by);
    if (batch.endOffset < this.#catchUpTo) return [];
    this.#keep({ ...this.#partition(), isCatchingUp: false });
    return [[...this.#judgeUnjudged(), ...this.#judgeDefinitions(), ...this.#pass()]];
  }

  wake(): Phases {
    return this.#partition().isCatchingUp ? [] : [this.#pass()];
  }

  /** The register's word, under this owner's epoch; nothing, where it has none: then nobody was ever told. */
  restate(_topic: string, key: string): OutgoingRecord | undefined {
    if (isClaim(key)) return undefined;
    const { workspaceId, audienceKey, profileId } = parseMembershipKey(key);
    const profile = this.#profile(scopedKey(workspaceId, profileId));
    const registered = profile?.register[audienceKey];
    return toRepeatRecord(key, registered && changeOf(profile, audienceKey, registered), this.#epoch);
  }

  checkpoint(writer: TableWriter): void {
    this.#timers.checkpoint(writer);
  }

  redefined(): Phases {
    return [this.#judgeDefinitions()];
  }

  /** Judges everybody by the definitions that are new, or mean something else now; those that are gone let all go. */
  #judgeDefinitions(): readonly OutgoingRecord[] {
    const partition = this.#partition();
    if (partition.isCatchingUp) return [];
    const { audiences } = this.options;
    const changed = [...audiences].filter(([key, { meaning }]) => partition.judgedBy[key] !== meaning);
    const gone = Object.keys(partition.judgedBy).filter((key) => !audiences.has(key));
    if (changed.length === 0 && gone.length === 0) return [];
    const judgedBy = Object.fromEntries([...audiences].map(([key, { meaning }]) => [key, meaning]));
    this.#keep({ ...partition, judgedBy });
    const fresh = new Set(changed.map(([, audience]) => audience));
    const now = this.#now();
    const occasion: Occasion = { cause: 'definition', now };
    const out: OutgoingRecord[] = [];
    for (const profile of this.#profiles()) {
      const key = scopedKey(profile.workspaceId, profile.profileId);
      for (const audience of gone) out.push(...this.#letGo(profile, audience, now));
      for (const { key: audience } of fresh) delete profile.deadlines?.[audience];
      out.push(...this.#judge(key, profile, now, (audience) => (fresh.has(audience) ? occasion : undefined)));
    }
    return out;
  }

  #fold(record: LogRecord, touched: Map<string, Touched>): void {
    const { workspaceId, profileId, profile, identifier, fact, told } = readFragment(record);
    const state = this.#profile(profile) ?? { workspaceId, profileId, fragments: {}, register: {} };
    const { isChanged, move } = foldFact(state.fragments, identifier, fact, told);
    if (!isChanged) return;
    this.context.state.set(profile, state, FRAGMENTS, record.offset);
    const by = touched.get(profile) ?? {
      facts: new Set<string>(),
      causes: new Map<string, string>(),
      arrived: new Set<string>(),
    };
    touched.set(profile, by);
    by.facts.add(fact);
    if (move && (by.moved ?? 'event') === 'event') by.moved = move;
    if (move === 'merge') by.arrived.add(identifier);
    const causedBy = told && causeOf(fact, told.value);
    if (causedBy === undefined) return;
    by.causes.delete(fact);
    by.causes.set(fact, causedBy);
  }

  #judgeTouched(key: string, { facts, moved, causes, arrived }: Touched): readonly OutgoingRecord[] {
    const profile = this.#profile(key);
    if (!profile) return [];
    const now = this.#now();
    const joined = joinedAt(profile.fragments, arrived);
    const occasion: Occasion = { cause: moved ?? 'event', causedBy: causes, joinedAt: joined, now };
    return this.#judge(key, profile, now, (audience) =>
      moved !== undefined || [...audience.facts].some((fact) => facts.has(fact)) ? occasion : undefined,
    );
  }

  /** For when all is read; what identity did once is not forgotten for an event after it. */
  #putOff(profile: string, { moved = 'event', arrived }: Touched): void {
    const state = this.#profile(profile);
    if (!state) return;
    const { move, arrived: before } = state.unjudged ?? { move: 'event', arrived: [] };
    const unjudged = {
      move: move === 'event' ? moved : move,
      arrived: [...new Set([...before, ...arrived])],
    };
    this.context.state.replace(profile, { ...state, unjudged });
  }

  #judgeUnjudged(): readonly OutgoingRecord[] {
    const out: OutgoingRecord[] = [];
    for (const profile of this.#profiles()) {
      const { unjudged } = profile;
      if (!unjudged) continue;
      const key = scopedKey(profile.workspaceId, profile.profileId);
      delete profile.unjudged;
      const now = this.#now();
      const joined = joinedAt(profile.fragments, new Set(unjudged.arrived));
      const occasion: Occasion = { cause: unjudged.move, joinedAt: joined, now };
      out.push(...this.#judge(key, profile, now, () => occasion));
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
      out.push(...this.#judge(key, profile, now, () => undefined));
    }
    const next = this.#timers.next();
    if (next !== undefined) this.context.wakeAt(Math.max(next, now + 1));
    return out;
  }

  /** By the audiences that the occasion touches; what changes in one that it does not touch, time has changed. */
  #judge(
    key: string,
    profile: ProfileState,
    now: number,
    occasionOf: (audience: Audience) => Occasion | undefined,
  ): readonly OutgoingRecord[] {
    const { judgedBy } = this.#partition();
    const passed: Occasion = { cause: 'time', now };
    const before = profile.deadlines;
    const deadlines: Record<string, number> = {};
    const out: OutgoingRecord[] = [];
    for (const [id, audience] of this.options.audiences) {
      if (audience.workspaceId !== profile.workspaceId || judgedBy[id] !== audience.meaning) continue;
      const occasion = occasionOf(audience);
      const known = before?.[audience.key];
      const isDue = !before || (known !== undefined && known <= now);
      if (!occasion && !isDue) {
        if (known !== undefined) deadlines[audience.key] = known;
        continue;
      }
      const { changes, registered, deadline } = judge(profile, audience, occasion ?? passed);
      if (deadline !== undefined) deadlines[audience.key] = deadline;
      if (registered) profile.register[audience.key] = registered;
      out.push(...changes.map((change) => this.#say(change)));
    }
    if (out.length > 0 || !isDeepStrictEqual(before, deadlines)) this.#remind(key, profile, deadlines);
    return out;
  }

  #say(change: Change): OutgoingRecord {
    this.#said += 1;
    return toMembershipRecord(change, this.#epoch, this.#said);
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
    const registered = profile.register[audienceKey];
    if (audience !== scopedKey(profile.workspaceId, audienceKey) || !registered) return [];
    const exit = exitOf(profile, audienceKey, now);
    const { meaning: _meaning, ...before } = registered;
    profile.register[audienceKey] = registered.member ? registeredOf(exit) : before;
    this.context.state.replace(scopedKey(profile.workspaceId, profile.profileId), profile);
    return registered.member ? [this.#say(exit)] : [];
  }

  /** What owners before this one said since the checkpoint; a zombie's word after another's claim does not count. */
  async #restoreRegister(before: PartitionState): Promise<void> {
    let { epoch } = before;
    await this.options.readMemberships(
      this.context.partition,
      before.membershipsOffset,
      this.#epoch,
      (record) => {
        if (isClaim(record.key)) {
          epoch = record.offset;
          return;
        }
        // Not another's to read, the changes stage keeps it aside: here it has said nothing.
        if (!record.value || judgeMembership(record) !== undefined) return;
        const said = fromMembershipRecord(record);
        if (said.epoch < epoch) return;
        const key = scopedKey(said.workspaceId, said.profileId);
        const { workspaceId, profileId, audienceKey } = said;
        const profile = this.#profile(key) ?? { workspaceId, profileId, fragments: {}, register: {} };
        profile.register[audienceKey] = registeredOf(said);
        this.#latest = Math.max(this.#latest, Date.parse(said.since));
        this.context.state.replace(key, profile);
      },
    );
  }

  /** The clock, but never before the latest instant of which the register speaks. */
  #now(): number {
    this.#latest = Math.max(this.#latest, this.options.now());
    return this.#latest;
  }

  #partition(): PartitionState {
    const known = this.context.state.get(PARTITION) as PartitionState | undefined;
    return known ?? { membershipsOffset: 0, epoch: 0, judgedBy: {}, isCatchingUp: false };
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
