import { TOPICS } from '@tributary/contracts';
import type { Logs, OutgoingRecord } from '@tributary/kafka';
import { parseScopedKey } from '@tributary/kernel';
import type { KnownReader } from '@tributary/processing';
import { accountsOf, type ProfileFragments } from '@tributary/profiles';
import type { PartitionContext, Phases, TableWriter } from '@tributary/state';
import { Pace, type Rhythm } from '../pace.js';
import { ComputedTraits, NO_TRAITS, type TraitsState } from '../traits/computed-traits.js';
import { traitsOf, type AnyTraitInForce } from '../traits/traits-in-force.js';
import { aggregatesOfPerson, toAccountPersonRecord, toAccountsToldRecords } from './account-records.js';

/** What a partition of profiles tells accounts, and whether it has told all. Plain JSON. */
export interface ToldState {
  /** The aggregates that are told, as {@link ComputedTraits} knows them, and how far profiles are gone through for them. */
  readonly told: TraitsState;
  /** Set after a disk was lost. Until the fragments are read again up to this offset, no account is told anything. */
  readonly rebuiltAt?: number;
}

export interface ToldOptions {
  readonly rhythm: Rhythm;
  readonly now: () => number;
  readonly traits: ReadonlyMap<string, AnyTraitInForce>;
  readonly known: KnownReader;
  readonly logs: Pick<Logs, 'bounds'>;
}

/** Looks up what the fragments of a profile say. */
type FragmentsOf = (profile: string) => ProfileFragments | undefined;
/** A page of profiles behind a stored key. */
type PageOf = PartitionContext<object>['state']['page'];

const STATE = '@accounts';
/** Profiles that are gone through in one step. */
const AT_ONCE = 200;

/**
 * Tells each account of a profile whether it belongs there, and what its aggregates come to: at most once a second a profile, as
 * of how far the partition is read, so that the same version says the same in every life.
 */
export class ToldAccounts {
  readonly #pace: Pace;
  readonly #told: ComputedTraits;
  #rebuiltAt: number | undefined;
  #partitions = 0;
  /** The workspaces of which it is to be said again which aggregates are told. */
  readonly #unsaid = new Set<string>();

  constructor(
    private readonly context: PartitionContext<object>,
    private readonly options: ToldOptions,
    private readonly fragmentsOf: FragmentsOf,
  ) {
    const { partition, store } = context;
    const { known, logs, rhythm } = options;
    const state = context.state.get(STATE) as ToldState | undefined;
    this.#pace = new Pace(store, rhythm, 'accounts-waiting');
    this.#told = new ComputedTraits({ partition, known, logs }, state?.told ?? NO_TRAITS);
    this.#rebuiltAt = state?.rebuiltAt;
  }

  /** `start`: from where fragments are read; `end`: where they end now. */
  async restored(start: number, end: number): Promise<Phases> {
    this.#partitions = (await this.options.logs.bounds(TOPICS.accountFacts.name)).size;
    if (start === 0 && end > 0) this.#rebuiltAt = end;
    await this.redefined(start);
    for (const workspaceId of this.#workspaces()) this.#unsaid.add(workspaceId);
    if (this.#isHeld) return [];
    return [this.#pace.restore().flatMap((profile) => this.#recordsOf(profile, start)), this.#say()];
  }

  async redefined(reached: number): Promise<void> {
    await this.#told.look({ all: traitsOf('accounts', this.options.traits) });
    this.#take(reached);
  }

  /** Whether accounts are told when such a fact of a profile changes. */
  isTold(workspaceId: string, fact: string): boolean {
    if (fact.startsWith('aggregate/')) return this.#told.isRead(workspaceId, fact);
    return fact === '@attached' || fact.startsWith('account/');
  }

  /** The records for the accounts of these changed profiles, as far as it is their turn. */
  changed(profiles: Iterable<string>, reached: number): readonly OutgoingRecord[] {
    const now = this.options.now();
    if (this.#rebuiltAt !== undefined && reached >= this.#rebuiltAt) {
      this.#rebuiltAt = undefined;
      this.#told.scanEverywhere();
    }
    if (!this.#isHeld && this.#told.isDue(reached)) this.#take(reached);
    this.#keep();
    if (this.#isHeld) return [];
    return [...profiles].flatMap((profile) =>
      this.#pace.isDue(profile, now) ? this.#recordsOf(profile, reached) : [],
    );
  }

  /** That a profile belongs no more to accounts that were named by nobody but an identifier that was forgotten. */
  left(
    profile: string,
    before: ReadonlyMap<string, number | undefined>,
    version: number,
  ): readonly OutgoingRecord[] {
    const after = accountsOf(this.fragmentsOf(profile) ?? {});
    const gone = [...before.keys()].filter((account) => !after.has(account));
    return gone.map((account) =>
      toAccountPersonRecord(profile, account, { version, since: undefined, aggregates: {} }),
    );
  }

  /** Nothing of a profile waits any more. */
  drop(profile: string): void {
    this.#pace.drop(profile);
  }

  /** Those whose turn has come, and the next of those that are gone through; then, which aggregates are told. */
  wake(page: PageOf, reached: number): Phases {
    if (this.#isHeld) return [];
    const profiles = new Set(this.#pace.due(this.options.now()));
    for (const profile of this.#scan(page)) profiles.add(profile);
    return [[...profiles].flatMap((profile) => this.#recordsOf(profile, reached)), this.#say()];
  }

  /** When it has something to do; `Infinity` where it has not. */
  get next(): number {
    if (this.#isHeld) return Infinity;
    return this.#told.state.scan || this.#unsaid.size > 0 ? this.options.now() : this.#pace.next;
  }

  checkpoint(writer: TableWriter): void {
    this.#pace.checkpoint(writer);
  }

  get #isHeld(): boolean {
    return this.#rebuiltAt !== undefined;
  }

  #workspaces(): ReadonlySet<string> {
    return new Set(Object.keys(this.#told.state.answering).map((key) => parseScopedKey(key).workspaceId));
  }

  #take(reached: number): void {
    if (this.#isHeld) return;
    const before = this.#workspaces();
    this.#told.take(reached);
    for (const workspaceId of [...before, ...this.#workspaces()])
      if (this.#told.isScanned(workspaceId)) this.#unsaid.add(workspaceId);
    this.#keep();
  }

  #scan(page: PageOf): readonly string[] {
    const { scan } = this.#told.state;
    if (!scan) return [];
    const found = page(scan.cursor, AT_ONCE);
    const wanted = found.filter(
      ({ key, state }) => 'fragments' in state && this.#told.isScanned(parseScopedKey(key).workspaceId),
    );
    this.#told.scanned(found.length < AT_ONCE ? undefined : found.at(-1)?.storedKey);
    this.#keep();
    return wanted.map(({ key }) => key);
  }

  /**
   * Says which aggregates accounts have been told, once every profile has been gone through for them; so it lies behind those
   * records in the log. A crash before: it is said at the next start.
   */
  #say(): readonly OutgoingRecord[] {
    if (this.#told.state.scan) return [];
    const workspaces = [...this.#unsaid];
    this.#unsaid.clear();
    return workspaces.flatMap((workspaceId) =>
      toAccountsToldRecords(workspaceId, this.context.partition, {
        partitions: this.#partitions,
        wanted: this.#told.wantedIn(workspaceId),
      }),
    );
  }

  #recordsOf(profile: string, version: number): readonly OutgoingRecord[] {
    const fragments = this.fragmentsOf(profile);
    const accounts = fragments && accountsOf(fragments);
    if (!fragments || !accounts || accounts.size === 0) return [];
    const { workspaceId } = parseScopedKey(profile);
    const aggregates = aggregatesOfPerson(fragments, this.#told.wantedIn(workspaceId));
    return [...accounts].map(([account, since]) =>
      toAccountPersonRecord(profile, account, {
        ...{ version, since },
        aggregates: since === undefined ? {} : aggregates,
      }),
    );
  }

  #keep(): void {
    const { state } = this.context;
    const before = state.get(STATE) as ToldState | undefined;
    const told = this.#told.state;
    const rebuiltAt = this.#rebuiltAt;
    const { answering, from, scan } = told;
    const isNothing = Object.keys({ ...answering, ...from }).length === 0 && !scan && rebuiltAt === undefined;
    if (isNothing) state.delete(STATE);
    else if (before?.told !== told || before.rebuiltAt !== rebuiltAt)
      state.replace(STATE, { told, ...(rebuiltAt !== undefined && { rebuiltAt }) });
  }
}
