import { readFragment, TOPICS } from '@tributary/contracts';
import type { Logs, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { groupOfFact, parseScopedKey } from '@tributary/kernel';
import {
  accountsOf,
  applyFact,
  compareVersions,
  foldProfile,
  hasPast,
  isForgotten,
  mergedInto,
  saidOfFacts,
  type ProfileFragments,
  type VersionedFact,
} from '@tributary/profiles';
import type { KnownReader } from '@tributary/processing';
import {
  Timers,
  type PartitionContext,
  type PartitionProcessor,
  type Phases,
  type TableWriter,
} from '@tributary/state';
import { Pace, type Rhythm } from '../pace.js';
import type { ComputedTraitsOf } from '../traits/answering-traits.js';
import { ComputedTraits, NO_TRAITS, type TraitsState } from '../traits/computed-traits.js';
import type { BordersInForce } from '../traits/borders-in-force.js';
import { traitsOf, type AnyTraitInForce } from '../traits/traits-in-force.js';
import { ToldAccounts, type ToldState } from './told-accounts.js';
import {
  toHeldRecord,
  toProfileBody,
  toProfileRecord,
  toRemovalRecord,
  type ProfileBody,
} from './records.js';

export interface ProfileState {
  readonly fragments: ProfileFragments;
  /** The last fragment's record that changed it. */
  cause?: { readonly offset: number; readonly timestamp: number };
}

export type ProfilesState = ProfileState | TraitsState | ToldState;

const FRAGMENTS = TOPICS.fragments.name;
const TRAITS = '@traits';
/** Profiles that are gone through, or whose time has come, in one step. */
const AT_ONCE = 200;

export interface ProfilesOptions {
  readonly rhythm: Rhythm;
  readonly now: () => number;
  /** As `TraitsInForce` has them. */
  readonly traits: ReadonlyMap<string, AnyTraitInForce>;
  /** By `workspaceId/key` of their score. */
  readonly borders: ReadonlyMap<string, BordersInForce>;
  /** What is known of what they are computed from. */
  readonly known: KnownReader;
  readonly logs: Pick<Logs, 'bounds'>;
}

/** Folds the fragments of each profile into the profile; readers act at the end of a fetched batch. */
export class ProfilesProcessor implements PartitionProcessor {
  readonly #pace: Pace;
  /** When time alone changes a computed trait of a profile. */
  readonly #timers: Timers;
  readonly #traits: ComputedTraits;
  readonly #accounts: ToldAccounts;
  /** The next offset of the fragments, and where they ended when this owner began. */
  #reached: number;
  #catchUpTo = 0;

  constructor(
    private readonly context: PartitionContext<ProfilesState>,
    private readonly options: ProfilesOptions,
  ) {
    this.#pace = new Pace(context.store, options.rhythm);
    this.#timers = new Timers(context.store, 'traits');
    const { partition } = context;
    const { known, logs } = options;
    const traits = (context.state.get(TRAITS) as TraitsState | undefined) ?? NO_TRAITS;
    this.#traits = new ComputedTraits({ partition, known, logs }, traits);
    this.#accounts = new ToldAccounts(context, options, (profile) => this.#profile(profile)?.fragments);
    this.#reached = context.startOf(FRAGMENTS);
  }

  /** What waited at the checkpoint has waited long enough. */
  async restored(): Promise<Phases> {
    const { partition, tablesBehind } = this.context;
    if (tablesBehind) this.#traits.scanAll();
    this.#catchUpTo = (await this.options.logs.bounds(FRAGMENTS)).get(partition)?.end ?? 0;
    await this.#look();
    const told = await this.#accounts.restored(this.#reached, this.#catchUpTo);
    this.#remind();
    return [this.#pace.restore().flatMap((profile) => this.#publish(profile)), ...told];
  }

  /**
   * Traits that are new, computed otherwise or removed: once what they are computed from is known here, every profile of
   * the workspace is gone through, some at a time.
   */
  async redefined(): Promise<Phases> {
    await this.#look();
    await this.#accounts.redefined(this.#reached);
    this.#remind();
    return [];
  }

  async #look(): Promise<void> {
    const { traits, borders } = this.options;
    await this.#traits.look({ all: traitsOf('people', traits), borders });
    this.#take();
  }

  #take(): void {
    this.#traits.take(this.#reached);
    this.#keepTraits();
  }

  /** A disk was lost, and which traits answered with it: a profile would be published without them. */
  get #isHeld(): boolean {
    return this.#reached < this.#catchUpTo && this.#traits.isWaiting();
  }

  /**
   * Many write fragments: a group whose last record in the log is older than what is held here, as after a writer that
   * woke too late, is written again, so that compaction does not keep the older one. Read again it is nothing new.
   */
  handle(batch: PartitionBatch): Phases {
    const shown = new Set<string>();
    const buried = new Map<string, OutgoingRecord>();
    const gone = new Set<string>();
    const told = new Set<string>();
    const left: OutgoingRecord[] = [];
    for (const record of batch.records) {
      const { profile, identifier, group, facts } = readFragment(record);
      const state = this.#profile(profile) ?? { fragments: {} };
      const { workspaceId } = parseScopedKey(profile);
      const accounts = facts ? undefined : accountsOf(state.fragments);
      const said = saidOfFacts(state.fragments, identifier, group, facts);
      const isOlder = said.some(([fact, one]) => isBehind(one, state.fragments[identifier]?.[fact]));
      const changed = said.filter(([fact, one]) => applyFact(state.fragments, identifier, fact, one));
      buried.delete(record.key);
      if (isOlder) buried.set(record.key, toHeldRecord(record, heldOf(state.fragments, identifier, group)));
      if (changed.length === 0) continue;
      // Also by what it does not show: after a disk was lost it is not known yet which traits it shows.
      state.cause = { offset: record.offset, timestamp: record.timestamp };
      this.context.state.set(profile, state, FRAGMENTS, record.offset);
      if (isForgotten(state.fragments)) gone.add(profile);
      else gone.delete(profile);
      if (changed.some(([fact]) => this.#isShown(workspaceId, fact))) shown.add(profile);
      if (changed.some(([fact]) => this.#accounts.isTold(workspaceId, fact))) told.add(profile);
      if (accounts) left.push(...this.#accounts.left(profile, accounts, record.offset + 1));
    }
    this.#reached = batch.endOffset;
    if (this.#traits.isDue(this.#reached)) this.#take();
    const now = this.options.now();
    for (const profile of gone) {
      shown.delete(profile);
      told.delete(profile);
      this.#accounts.drop(profile);
      this.#pace.drop(profile);
      this.#timers.set(profile, undefined);
      this.context.state.delete(profile);
    }
    const due = [...shown].flatMap((profile) => {
      if (!this.#isHeld) return this.#pace.isDue(profile, now) ? this.#publish(profile) : [];
      this.#timers.set(profile, now);
      return [];
    });
    left.push(...this.#accounts.changed(told, this.#reached));
    this.#remind();
    return [[...buried.values(), ...due, ...[...gone].map(removalOf), ...left]];
  }

  wake(): Phases {
    const told = this.#accounts.wake((after, limit) => this.context.state.page(after, limit), this.#reached);
    if (this.#isHeld) {
      this.#remind();
      return told;
    }
    const now = this.options.now();
    const due = new Set(this.#pace.due(now));
    for (const profile of [...this.#timers.take(now, AT_ONCE), ...this.#scan()]) {
      if (!due.has(profile) && this.#pace.isDue(profile, now)) due.add(profile);
    }
    const out = [...due].flatMap((profile) => this.#publish(profile));
    this.#remind();
    return [out, ...told];
  }

  checkpoint(writer: TableWriter): void {
    this.#pace.checkpoint(writer);
    this.#timers.checkpoint(writer);
    this.#accounts.checkpoint(writer);
  }

  /** The next of the profiles that are gone through. */
  #scan(): readonly string[] {
    const { scan } = this.#traits.state;
    if (!scan) return [];
    const page = this.context.state.page(scan.cursor, AT_ONCE);
    const now = this.options.now();
    const meant = page.filter(({ key, state }) => {
      if (!('fragments' in state)) return false;
      const { workspaceId } = parseScopedKey(key);
      return this.#traits.isScanned(workspaceId) && this.#traits.isMoved(workspaceId, state.fragments, now);
    });
    this.#traits.scanned(page.length < AT_ONCE ? undefined : page.at(-1)?.storedKey);
    this.#keepTraits();
    return meant.map(({ key }) => key);
  }

  #keepTraits(): void {
    const before = this.context.state.get(TRAITS);
    if (before !== this.#traits.state && (before ?? this.#traits.state !== NO_TRAITS))
      this.context.state.replace(TRAITS, this.#traits.state);
  }

  #profile(profile: string): ProfileState | undefined {
    return this.context.state.get(profile) as ProfileState | undefined;
  }

  /** Whether a profile shows such a fact. */
  #isShown(workspaceId: string, fact: string): boolean {
    return !fact.startsWith('aggregate/') || this.#traits.isRead(workspaceId, fact);
  }

  /** As it would be published now, which may be some time after this. */
  read(profile: string): string | undefined {
    const { value, headers } = this.#recordOf(profile)?.record ?? {};
    return headers?.schema === 'empty-profile@1' ? undefined : value?.toString();
  }

  republish(_topic: string, profile: string): OutgoingRecord | undefined {
    return this.context.state.get(profile) ? this.#publish(profile)[0] : removalOf(profile);
  }

  /**
   * Also where it says what it said before: between the two it may have said something else, in a batch that another
   * owner read otherwise, and readers keep the highest version.
   */
  #publish(profile: string): readonly OutgoingRecord[] {
    const { record, changesAt } = this.#recordOf(profile) ?? {};
    this.#timers.set(profile, changesAt);
    return record ? [record] : [];
  }

  /** The profile as of now, and when time alone changes it next. */
  #recordOf(
    profile: string,
  ): { readonly record: OutgoingRecord | undefined; readonly changesAt: number | undefined } | undefined {
    const state = this.#profile(profile);
    if (!state?.cause) return undefined;
    const { workspaceId, id } = parseScopedKey(profile);
    const { timestamp, offset: version } = state.cause;
    // Without computed traits the instant changes nothing.
    const at = this.#traits.has(workspaceId) ? Math.max(timestamp, this.options.now()) : timestamp;
    const computed = this.#traits.of(workspaceId, state.fragments, at);
    const body = bodyOf(state.fragments, computed);
    const record = body && toProfileRecord(workspaceId, id, { version, at }, body);
    return { record, changesAt: computed.changesAt };
  }

  #remind(): void {
    const ownNext = Math.min(
      this.#traits.state.scan ? this.options.now() : Infinity,
      ...[this.#pace.next, this.#timers.next() ?? Infinity],
    );
    const next = Math.min(this.#accounts.next, this.#isHeld ? Infinity : ownNext);
    if (next < Infinity) this.context.wakeAt(next);
  }
}

/** Of a profile all of whose identifiers were forgotten. */
function removalOf(profile: string): OutgoingRecord {
  const { workspaceId, id } = parseScopedKey(profile);
  return toRemovalRecord(workspaceId, id);
}

function isBehind(said: VersionedFact | undefined, held: VersionedFact | undefined): boolean {
  return said !== undefined && held !== undefined && compareVersions(said.version, held.version) < 0;
}

/** What is held of a group. */
function heldOf(fragments: ProfileFragments, identifier: string, group: string) {
  const facts = Object.entries(fragments[identifier] ?? {});
  return Object.fromEntries(facts.filter(([fact]) => groupOfFact(fact) === group));
}

/** Where nobody has events there is nothing to say, unless it may have said something before. */
function bodyOf(fragments: ProfileFragments, computed: ComputedTraitsOf): ProfileBody | undefined {
  const profile = foldProfile(fragments, computed.merged);
  if (profile && profile.identifiers.length > 0) return toProfileBody(profile, computed);
  if (profile) return hasPast(fragments) ? { empty: true } : undefined;
  const into = mergedInto(fragments);
  return into === undefined ? undefined : { mergedInto: into };
}
