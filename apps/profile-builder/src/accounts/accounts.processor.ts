import { messageOf, parseAccountRead, TOPICS, type AccountsToldMessage } from '@tributary/contracts';
import type { LogRecord, Logs, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { parseScopedKey, toInstant } from '@tributary/kernel';
import { foldAccountCall } from '@tributary/profiles';
import {
  Timers,
  type PartitionContext,
  type PartitionProcessor,
  type Phases,
  type TableWriter,
} from '@tributary/state';
import { Pace, type Rhythm } from '../pace.js';
import { NOTHING } from '../traits/answering-traits.js';
import { ComputedTraits, NO_TRAITS, type TraitsState } from '../traits/computed-traits.js';
import { traitsOf, type AnyTraitInForce } from '../traits/traits-in-force.js';
import {
  BEHIND_OWN,
  goneKey,
  OWN,
  peopleOf,
  TOLD,
  TRAITS,
  type AccountsState,
  type AccountState,
  type FoldedPeople,
  type GoneState,
  type PersonState,
  type ToldState,
} from './account-state.js';
import { nameOf, People, PEOPLE_OF_PART } from './people.js';
import { fromAccountCall, fromAccountPerson, toAccountRecord } from './records.js';
import { relearn } from './relearn.js';
import { ToldAggregates } from './told-aggregates.js';

export interface AccountsOptions {
  readonly rhythm: Rhythm;
  readonly now: () => number;
  /** By `workspaceId/key`. */
  readonly traits: ReadonlyMap<string, AnyTraitInForce>;
  readonly logs: Pick<Logs, 'bounds'>;
  /** Of merged people, in memory. */
  readonly cacheBytes: number;
}

const FACTS = TOPICS.accountFacts.name;
const READY = 'ready';
/** Accounts that are gone through, or whose time has come, in one step. */
const AT_ONCE = 200;
/** People that are read in one step. */
const PEOPLE_AT_ONCE = 300;
/** No record that is older than a profile's departure comes later than the topic keeps it. */
const GONE_KEPT_MS = 7 * 86_400_000;

/** Folds what group calls and profiles say of each account. */
export class AccountsProcessor implements PartitionProcessor {
  readonly #pace: Pace;
  /** When time alone changes a computed trait of an account. */
  readonly #timers: Timers;
  readonly #gone: Timers;
  readonly #traits: ComputedTraits;
  readonly #told = new ToldAggregates();
  readonly #people: People;
  /** Whose turn it is. */
  readonly #ready = new Set<string>();
  #readyAtCheckpoint = new Set<string>();

  constructor(
    private readonly context: PartitionContext<AccountsState>,
    private readonly options: AccountsOptions,
  ) {
    const { store, state, partition } = context;
    this.#pace = new Pace(store, options.rhythm);
    this.#timers = new Timers(store, 'traits');
    this.#gone = new Timers(store, 'gone');
    this.#people = new People(state, options.cacheBytes);
    // What a partition of profiles says of aggregates lies behind what it says of people: who has read it has read them.
    const logs = { bounds: () => Promise.resolve(new Map()) };
    const traits = (state.get(TRAITS) as TraitsState | undefined) ?? NO_TRAITS;
    this.#traits = new ComputedTraits({ partition, known: this.#told, logs }, traits);
  }

  async restored(): Promise<Phases> {
    const { state, store, tablesBehind } = this.context;
    for (const { key } of store.range(READY, '')) this.#readyAtCheckpoint.add(key);
    for (const key of [...this.#readyAtCheckpoint, ...this.#pace.restore()]) this.#ready.add(key);
    this.#told.partitions = (await this.options.logs.bounds(FACTS)).size;
    for (const { key, state: told } of state.storedAfter(TOLD)) {
      if (!key.startsWith(TOLD)) break;
      this.#told.take(told as ToldState);
    }
    if (tablesBehind) {
      await relearn(state, (key, { goneAt }) => {
        this.#gone.set(key, goneAt + GONE_KEPT_MS);
      });
      this.#traits.scanEverywhere();
    }
    return this.redefined();
  }

  async redefined(): Promise<Phases> {
    await this.#look();
    return [this.#publishReady()];
  }

  async #look(): Promise<void> {
    await this.#traits.look({ all: traitsOf('accounts', this.options.traits) });
    this.#traits.take(0);
    this.#keepTraits();
  }

  async handle(batch: PartitionBatch): Promise<Phases> {
    const touched = new Set<string>();
    let isMoreTold = false;
    for (const record of batch.records) {
      if (record.headers.schema === 'accounts-told@1') isMoreTold = this.#takeTold(record) || isMoreTold;
      else if (this.#take(record)) touched.add(record.key);
    }
    if (isMoreTold) await this.#look();
    const now = this.options.now();
    for (const account of touched) if (this.#pace.isDue(account, now)) this.#ready.add(account);
    return [this.#publishReady()];
  }

  wake(): Phases {
    const now = this.options.now();
    for (const account of this.#pace.due(now)) this.#ready.add(account);
    for (const account of this.#timers.take(now, AT_ONCE))
      if (!this.#ready.has(account) && this.#pace.isDue(account, now)) this.#ready.add(account);
    for (const key of this.#gone.take(now, AT_ONCE)) this.context.state.delete(key);
    if (this.#ready.size < AT_ONCE) for (const account of this.#scan()) this.#ready.add(account);
    return [this.#publishReady()];
  }

  checkpoint(writer: TableWriter): void {
    this.#pace.checkpoint(writer);
    this.#timers.checkpoint(writer);
    this.#gone.checkpoint(writer);
    for (const key of this.#readyAtCheckpoint) if (!this.#ready.has(key)) writer.remove(READY, key);
    for (const key of this.#ready) writer.put(READY, key, '');
    this.#readyAtCheckpoint = new Set(this.#ready);
  }

  republish(_topic: string, account: string): OutgoingRecord | undefined {
    return this.#recordOf(account)?.record;
  }

  /** An account as it would be published now, with its people as they were folded last; or a page of its people. */
  read(key: string): string | undefined {
    const { account, page } = parseAccountRead(key);
    const state = this.#account(account);
    if (!state?.facts) return undefined;
    if (!page) return this.#recordOf(account, this.#foldedNow(account, state))?.record.value?.toString();
    const people = this.#people.page(account, page.after, page.limit);
    return JSON.stringify(people.map(({ profileId, since }) => ({ profileId, since: toInstant(since) })));
  }

  #takeTold(record: LogRecord): boolean {
    const { state } = this.context;
    const { workspaceId, partition, aggregates } = messageOf(record) as AccountsToldMessage;
    const key = `${TOLD}${record.key}`;
    if (state.isFolded(key, FACTS, record.offset)) return false;
    const told = { workspaceId, partition, aggregates };
    state.set(key, told, FACTS, record.offset);
    this.#told.take(told);
    return true;
  }

  #take(record: LogRecord): boolean {
    const { key, offset, timestamp } = record;
    const before: AccountState = this.#account(key) ?? { people: 0, cause: { offset, timestamp } };
    const isCall = record.headers.schema === 'account-call@1';
    const after = isCall ? withCall(before, record) : this.#takePerson(before, record);
    if (!after) return false;
    const cause = offset >= before.cause.offset ? { offset, timestamp } : before.cause;
    this.context.state.replace(key, { ...after, cause });
    return true;
  }

  /** Undefined where the record is older than what is known of the person. */
  #takePerson(account: AccountState, record: LogRecord): AccountState | undefined {
    const { state } = this.context;
    const { profileId, version, since, aggregates } = fromAccountPerson(record);
    const [key, goneAs] = [`${peopleOf(record.key)}${profileId}`, goneKey(record.key, profileId)];
    const held = state.get(key) as PersonState | undefined;
    const gone = state.get(goneAs) as GoneState | undefined;
    if (version < Math.max(held?.version ?? -1, gone?.goneVersion ?? -1)) return undefined;
    this.#people.changed(record.key, profileId);
    if (since === undefined) {
      if (held) state.delete(key);
      state.replace(goneAs, { goneVersion: version, goneAt: record.timestamp });
      this.#gone.set(goneAs, record.timestamp + GONE_KEPT_MS);
      return { ...account, people: account.people - (held ? 1 : 0), isStale: true };
    }
    if (gone) state.delete(goneAs);
    const all = { ...held?.aggregates, ...aggregates } as PersonState['aggregates'];
    state.replace(key, { account: record.key, profileId, version, since, aggregates: all });
    return { ...account, people: account.people + (held ? 0 : 1), isStale: true };
  }

  /** Those whose turn it is, as far as one step goes: one large account at a time, so that the others do not wait for it. */
  #publishReady(): readonly OutgoingRecord[] {
    const out: OutgoingRecord[] = [];
    let left = PEOPLE_AT_ONCE;
    let isLargeDone = false;
    for (const account of this.#ready) {
      if (left <= 0) break;
      const state = this.#account(account);
      const wanted = this.#traits.wantedIn(parseScopedKey(account).workspaceId);
      const isFolded =
        !state || wanted.length === 0 || (!state.isStale && state.folded?.of === nameOf(wanted));
      if (!isFolded) {
        const isLarge = state.people > PEOPLE_OF_PART;
        if (isLarge && isLargeDone) continue;
        isLargeDone ||= isLarge;
        left -= isLarge ? 0 : state.people;
        const folded = isLarge
          ? this.#people.foldLarge(account, wanted, PEOPLE_AT_ONCE)
          : this.#people.foldSmall(account, wanted);
        if (!folded) continue;
        this.context.state.replace(account, { ...state, folded, isStale: false });
      }
      left -= 1;
      this.#ready.delete(account);
      const { record, changesAt } = this.#recordOf(account) ?? {};
      this.#timers.set(account, changesAt);
      if (record) out.push(record);
    }
    this.#remind();
    return out;
  }

  /** What a read goes by: the people as they are, where they are few. */
  #foldedNow(account: string, { people, isStale, folded }: AccountState): FoldedPeople | undefined {
    const wanted = this.#traits.wantedIn(parseScopedKey(account).workspaceId);
    const isKnown = !isStale && folded?.of === nameOf(wanted);
    return isKnown || people > PEOPLE_OF_PART ? folded : this.#people.foldSmall(account, wanted);
  }

  /** The account as of now, and when time alone changes it next. */
  #recordOf(account: string, folded = this.#account(account)?.folded) {
    const { facts, cause, people = 0 } = this.#account(account) ?? {};
    if (!facts || !cause) return undefined;
    const { workspaceId } = parseScopedKey(account);
    const wanted = this.#traits.wantedIn(workspaceId);
    const hasTraits = wanted.length > 0;
    const at = hasTraits ? Math.max(cause.timestamp, this.options.now()) : cause.timestamp;
    // Of another selection nothing is known yet: a trait is absent, and never wrong.
    const isOfThese = hasTraits && folded?.of === nameOf(wanted);
    const computed = isOfThese
      ? this.#traits.by(workspaceId, ({ hash }) => folded.aggregates[hash], at)
      : NOTHING;
    const isOfSome = isOfThese && folded.isTruncated;
    const record = toAccountRecord(account, facts, { version: cause.offset, at, people, computed, isOfSome });
    return { record, changesAt: computed.changesAt };
  }

  /** The next of the accounts that are gone through. */
  #scan(): readonly string[] {
    const { scan } = this.#traits.state;
    if (!scan) return [];
    const page = this.context.state.page(scan.cursor, AT_ONCE);
    const last = page.length < AT_ONCE ? undefined : page.at(-1)?.storedKey;
    const accounts = page.flatMap(({ key }) =>
      !key.startsWith(OWN) && this.#traits.isScanned(parseScopedKey(key).workspaceId) ? [key] : [],
    );
    this.#traits.scanned(last?.startsWith(OWN) ? BEHIND_OWN : last);
    this.#keepTraits();
    return accounts;
  }

  #keepTraits(): void {
    const { state } = this.context;
    const before = state.get(TRAITS);
    if (before !== this.#traits.state && (before ?? this.#traits.state !== NO_TRAITS))
      state.replace(TRAITS, this.#traits.state);
  }

  #account(account: string): AccountState | undefined {
    return this.context.state.get(account) as AccountState | undefined;
  }

  #remind(): void {
    const isBusy = this.#ready.size > 0 || this.#traits.state.scan !== undefined;
    const timers = [this.#timers.next() ?? Infinity, this.#gone.next() ?? Infinity];
    const next = isBusy ? this.options.now() : Math.min(this.#pace.next, ...timers);
    if (next < Infinity) this.context.wakeAt(next);
  }
}

/** Undefined where the call says nothing new. */
function withCall(account: AccountState, record: LogRecord): AccountState | undefined {
  const facts = foldAccountCall(account.facts, fromAccountCall(record));
  return facts === account.facts ? undefined : { ...account, facts };
}
