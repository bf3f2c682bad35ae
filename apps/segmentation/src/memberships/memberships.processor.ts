import {
  isEpochKey,
  isToldKey,
  membershipKey,
  parseMembershipKey,
  readFragment,
  TOPICS,
} from '@tributary/contracts';
import type { LogRecord, Logs, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import type { KnownReader } from '@tributary/processing';
import { isForgotten, saidOfFacts } from '@tributary/profiles';
import {
  inOrder,
  Timers,
  type PartitionContext,
  type PartitionProcessor,
  type Phases,
  type TableWriter,
} from '@tributary/state';
import { isDeepStrictEqual } from 'node:util';
import { AudienceIndex } from '../audiences/audience-index.js';
import type { Audience } from '../audiences/audiences-in-force.js';
import { NOTHING_TAKEN, TakenAudiences, type TakenState } from '../audiences/taken-audiences.js';
import { changeOf, publishedOf, type Change } from './evaluate.js';
import { Evaluator, type Surroundings } from './evaluator.js';
import { Owner } from './owner.js';
import { fromMembershipRecord, toRepeatRecord } from './records.js';
import {
  foldFact,
  type MembershipsState,
  type PartitionState,
  type ProfileState,
  type Touched,
} from './profile-state.js';
import { advanced, nextStretch, redefined } from './scans.js';
import { newTouched, note } from './touched.js';

export type { MembershipsState } from './profile-state.js';

export interface MembershipsOptions {
  readonly now: () => number;
  /** `workspaceId/key` → audience. */
  readonly audiences: ReadonlyMap<string, Audience>;
  /** What is known of what they read. */
  readonly known: KnownReader;
  readonly logs: Logs;
  /** So many profiles are gone through in one step. */
  readonly keysAtOnce: number;
  /** Told for how many audiences a partition is being gone through. */
  readonly onScans?: (partition: number, count: number) => void;
}

const FRAGMENTS = TOPICS.fragments.name;
const PARTITION = '@partition';
const DEFINITIONS = '@definitions';
const NOTHING: PartitionState = { evaluatedBy: {}, scans: {} };
/** For a waker, whatever the clock says. */
const AT_ONCE = 0;

/**
 * Evaluates the profiles of one partition, and publishes only changes to what it, or an owner before it, last published.
 * What concerns many profiles, a definition, a catch-up or an outage, it goes through a few hundred at a time, and other
 * steps come in between.
 */
export class MembershipsProcessor implements PartitionProcessor {
  readonly #timers: Timers;
  readonly #unevaluated: Timers;
  readonly #owner: Owner;
  readonly #evaluator: Evaluator;
  readonly #taken: TakenAudiences;
  #index: AudienceIndex;
  /** The next offset of the fragments. */
  #reached: number;
  #catchUpTo = 0;
  #isCatchingUp = false;
  #latest = 0;
  /** Of whom nobody is left: they are removed behind what is told of them last. */
  readonly #gone = new Set<string>();

  constructor(
    private readonly context: PartitionContext<MembershipsState>,
    private readonly options: MembershipsOptions,
  ) {
    const { partition, store } = context;
    const { logs, known } = options;
    const taken = (context.state.get(DEFINITIONS) as TakenState | undefined) ?? NOTHING_TAKEN;
    this.#taken = new TakenAudiences({ partition, known, logs }, taken);
    this.#reached = context.startOf(FRAGMENTS);
    this.#timers = new Timers(store, 'timers');
    this.#unevaluated = new Timers(store, 'unevaluated');
    this.#evaluator = new Evaluator(context, this.#timers, this.#unevaluated);
    this.#index = new AudienceIndex(this.#taken.all);
    const wake = () => {
      context.wakeAt(AT_ONCE);
    };
    this.#owner = new Owner({ partition, store, logs, wake });
  }

  async restored(): Promise<Phases> {
    const { partition } = this.context;
    const { logs, now } = this.options;
    const owed = await this.#owner.begin(now(), (record) => {
      this.#restore(record);
    });
    this.#catchUpTo = (await logs.bounds(FRAGMENTS)).get(partition)?.end ?? 0;
    this.#isCatchingUp = this.context.startOf(FRAGMENTS) < this.#catchUpTo;
    return [owed, ...(await this.redefined())];
  }

  handle(batch: PartitionBatch): Phases | Promise<Phases> {
    this.#reached = batch.endOffset;
    const touched = new Map<string, Touched>();
    this.#gone.clear();
    const out = batch.records.flatMap((record) => this.#fold(record, touched));
    if (this.#isCatchingUp) {
      for (const profile of this.#gone) if (!touched.has(profile)) touched.set(profile, newTouched());
      this.#gone.clear();
      for (const [profile, by] of touched) this.#putOff(profile, by);
      if (batch.endOffset < this.#catchUpTo) return [];
      this.#isCatchingUp = false;
      return this.redefined();
    }
    const surroundings = this.#surroundings();
    for (const [key, by] of touched) {
      const profile = this.#profile(key);
      if (profile) out.push(...this.#evaluator.touched(key, profile, by, surroundings));
    }
    out.push(...this.#pass(surroundings));
    this.#remind();
    if (this.#taken.isDue(this.#reached)) this.context.wakeAt(AT_ONCE);
    return this.#tell(out);
  }

  wake(): Phases {
    const isDue = !this.#isCatchingUp && this.#taken.isDue(this.#reached);
    if (isDue) return [this.#owner.owed(), ...this.#take()];
    return [this.#owner.owed(), ...(this.#isCatchingUp ? [] : this.#tell(this.#turn()))];
  }

  /**
   * Definitions that are new, or mean something else now, once what they read is known; and those that are gone, which
   * let all go.
   */
  async redefined(): Promise<Phases> {
    await this.#taken.look(this.options.audiences);
    return this.#take();
  }

  #take(): Phases {
    this.#taken.take(this.#reached, this.#now());
    this.context.state.replace(DEFINITIONS, this.#taken.state);
    this.#index = new AudienceIndex(this.#taken.all);
    if (this.#isCatchingUp) return [];
    const before = this.#partition();
    const partition = redefined(before, this.#index, this.#now());
    if (Object.keys(partition.scans).length > 0) this.#keep(partition);
    return this.#tell(this.#turn());
  }

  acknowledged(records: readonly OutgoingRecord[], offsets: readonly number[]): void {
    this.#owner.acknowledged(records, offsets);
  }

  /** The published membership, under this owner's epoch; nothing, where it has none: then it was never published. */
  republish(topic: string, key: string): OutgoingRecord | undefined {
    if (topic !== TOPICS.memberships.name || isEpochKey(key)) return undefined;
    if (isToldKey(key)) return this.#owner.toldRecord();
    const { workspaceId, audienceKey, profileId } = parseMembershipKey(key);
    const profile = this.#profile(scopedKey(workspaceId, profileId));
    const published = profile?.published[audienceKey];
    return toRepeatRecord(key, published && changeOf(profile, audienceKey, published), this.#owner.epoch);
  }

  checkpoint(writer: TableWriter): void {
    this.#timers.checkpoint(writer);
    this.#unevaluated.checkpoint(writer);
    this.#owner.checkpoint(writer);
  }

  /** A part of what is to be gone through, and of the windows that have passed. */
  #turn(): readonly Change[] {
    const surroundings = this.#surroundings();
    const stretch = nextStretch(surroundings.partition);
    const out = stretch ? this.#scan(stretch, surroundings) : this.#evaluateUnevaluated(surroundings);
    const changes = [...out, ...this.#pass(this.#surroundings())];
    this.#remind();
    return changes;
  }

  #scan({ from, to }: { from: string; to?: string }, surroundings: Surroundings): readonly Change[] {
    const { state } = this.context;
    const { partition } = surroundings;
    const scanned = new Set(
      Object.entries(partition.scans).flatMap(([id, { cursor }]) => (cursor === from ? [id] : [])),
    );
    const out: Change[] = [];
    const page = state.page(from, this.options.keysAtOnce);
    for (const { key, storedKey, state: profile } of page) {
      if (to !== undefined && inOrder(storedKey, to) > 0) break;
      if (!('profileId' in profile)) continue;
      out.push(...this.#evaluator.settle(key, profile, surroundings, scanned));
      if (isForgotten(profile.fragments)) this.#gone.add(key);
    }
    const last = page.length < this.options.keysAtOnce ? undefined : page.at(-1)?.storedKey;
    const cursor = to !== undefined && (last === undefined || inOrder(last, to) > 0) ? to : last;
    this.#keep(advanced(partition, from, cursor));
    return out;
  }

  #evaluateUnevaluated(surroundings: Surroundings): readonly Change[] {
    return this.#unevaluated.take(AT_ONCE, this.options.keysAtOnce).flatMap((key) => {
      const profile = this.#profile(key);
      if (profile && isForgotten(profile.fragments)) this.#gone.add(key);
      return profile ? this.#evaluator.settle(key, profile, surroundings) : [];
    });
  }

  #pass(surroundings: Surroundings): readonly Change[] {
    return this.#timers.take(surroundings.now, this.options.keysAtOnce).flatMap((key) => {
      const profile = this.#profile(key);
      return profile ? this.#evaluator.due(key, profile, surroundings) : [];
    });
  }

  /** Of what is left to go through, the next part comes after the steps that wait already. */
  #remind(): void {
    const isLeft = nextStretch(this.#partition()) ?? this.#unevaluated.next();
    const next = isLeft === undefined ? this.#timers.next() : AT_ONCE;
    if (next !== undefined) this.context.wakeAt(Math.max(next, this.#now() + 1));
  }

  /** Takes a fact in; answers with what was owed to the profile before it. */
  #fold(record: LogRecord, touched: Map<string, Touched>): readonly Change[] {
    const { workspaceId, profileId, profile, identifier, group, facts } = readFragment(record);
    const known = this.#profile(profile);
    const state = known ?? this.#newProfile(workspaceId, profileId);
    const owed = known ? this.#owedTo(profile, known) : [];
    const by = touched.get(profile) ?? newTouched();
    let isChanged = false;
    for (const [fact, said] of saidOfFacts(state.fragments, identifier, group, facts)) {
      const before = state.fragments[identifier]?.[fact]?.value;
      const folded = foldFact(state.fragments, identifier, fact, said);
      isChanged ||= folded.isChanged;
      // A group is published whole: most of its facts say what they said before.
      if (!folded.isChanged || isDeepStrictEqual(said?.value, before)) continue;
      if (folded.move || this.#index.isRead(workspaceId, fact))
        note(by, identifier, fact, said, {
          ...folded,
          aggregate: this.#index.aggregateOf(workspaceId, fact),
        });
    }
    if (!isChanged) return owed;
    this.context.state.set(profile, state, FRAGMENTS, record.offset);
    if (isForgotten(state.fragments)) this.#gone.add(profile);
    else this.#gone.delete(profile);
    if (by.facts.size > 0) touched.set(profile, by);
    return owed;
  }

  /** What changed, and then that those are no more of whom everybody was forgotten, from the memberships and from here. */
  #tell(changes: readonly Change[]): Phases {
    const removals = [...this.#gone].flatMap((key) => this.#remove(key));
    this.#gone.clear();
    return removals.length > 0 ? [...this.#owner.tell(changes), removals] : this.#owner.tell(changes);
  }

  #remove(key: string): readonly OutgoingRecord[] {
    const profile = this.#profile(key);
    if (!profile) return [];
    const { workspaceId, profileId, published } = profile;
    this.#timers.set(key, undefined);
    this.#unevaluated.set(key, undefined);
    this.context.state.delete(key);
    return Object.keys(published).map((audienceKey) => ({
      ...toRepeatRecord(membershipKey(workspaceId, audienceKey, profileId), undefined, this.#owner.epoch),
      partitionKey: key,
    }));
  }

  #owedTo(key: string, profile: ProfileState): readonly Change[] {
    if (this.#isCatchingUp || !(profile.unevaluated ?? nextStretch(this.#partition()))) return [];
    return this.#evaluator.settle(key, profile, this.#surroundings());
  }

  /** For when all is read; what identity did once is not forgotten for an event after it. */
  #putOff(profile: string, { moved = 'event', arrived }: Touched): void {
    const state = this.#profile(profile);
    if (!state) return;
    const { move, arrived: before } = state.unevaluated ?? { move: 'event', arrived: [] };
    const all = [...new Set([...before, ...arrived])];
    const unevaluated = { move: move === 'event' ? moved : move, arrived: all };
    this.#unevaluated.set(profile, AT_ONCE);
    this.context.state.replace(profile, { ...state, unevaluated });
  }

  /** Nobody was there when the definitions took effect that are being gone through for. */
  #newProfile(workspaceId: string, profileId: string): ProfileState {
    const ahead = Object.entries(this.#partition().scans).map(([id, { to = '' }]) => [id, to] as const);
    const state = { workspaceId, profileId, fragments: {}, published: {} };
    if (ahead.length === 0 || this.#isCatchingUp) return state;
    return { ...state, ahead: Object.fromEntries(ahead) };
  }

  #restore(record: LogRecord): void {
    const { workspaceId, profileId, audienceKey } = parseMembershipKey(record.key);
    const key = scopedKey(workspaceId, profileId);
    const profile = this.#profile(key) ?? { workspaceId, profileId, fragments: {}, published: {} };
    if (record.value) {
      const published = fromMembershipRecord(record);
      profile.published[audienceKey] = publishedOf(published);
      this.#latest = Math.max(this.#latest, Date.parse(published.since));
    } else {
      Reflect.deleteProperty(profile.published, audienceKey);
    }
    const isNobody = isForgotten(profile.fragments) && Object.keys(profile.published).length === 0;
    if (isNobody) this.context.state.delete(key);
    else this.context.state.replace(key, profile);
  }

  #surroundings(): Surroundings {
    return { index: this.#index, partition: this.#partition(), now: this.#now() };
  }

  /** The clock, but never before the latest instant of the published memberships. */
  #now(): number {
    this.#latest = Math.max(this.#latest, this.options.now());
    return this.#latest;
  }

  #partition(): PartitionState {
    return (this.context.state.get(PARTITION) as PartitionState | undefined) ?? NOTHING;
  }

  #keep(partition: PartitionState): void {
    this.options.onScans?.(this.context.partition, Object.keys(partition.scans).length);
    this.context.state.replace(PARTITION, partition);
  }

  #profile(key: string): ProfileState | undefined {
    return this.context.state.get(key) as ProfileState | undefined;
  }
}
