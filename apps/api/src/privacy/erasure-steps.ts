import { Inject, Injectable } from '@nestjs/common';
import { DAY_MS, TOPICS } from '@tributary/contracts';
import { toInstant, type Clock, type Identifier } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { ErasureLog } from './erasure-log.js';
import { PERSON_TABLES, type Cut } from './person-rows.js';
import type { Progress, Receipt } from './privacy.tables.js';
import type { RequestRow, Turn } from './requests.store.js';
import { RowErasure } from './row-erasure.js';

/** Collectors follow suppressions within milliseconds; what one still takes meanwhile is erased with the rest. */
const SETTLE_MS = 3_000;
const PAUSE_MS = 300;
/** So long after it is written what is received is forgotten too: all who read it have read it then, in whatever order. */
const MARGIN_MS = 1_000;
/** Within this time what was received is in the log, unless it came to a spool. */
const WRITTEN_WITHIN_MS = 500;
const EVENTS = TOPICS.events.name;
const FRAGMENTS = TOPICS.fragments.name;
const LINKS = TOPICS.links.name;
const ASSIGNMENTS = TOPICS.assignments.name;
const REJECTED = TOPICS.rejected.name;
const FACTS = [TOPICS.accountFacts.name];
/** What sinks write into tables. */
const WRITTEN = [
  ...[TOPICS.profiles.name, TOPICS.memberships.name, TOPICS.changes.name],
  ...[ASSIGNMENTS, LINKS, REJECTED],
];

/** Who has to have read what before the next step. */
type Readers = readonly (readonly [group: string, topics: readonly string[]])[];
const FOLDERS: Readers = [
  ['profile-builder-fragments', [EVENTS]],
  ['identity-observations', [EVENTS]],
];
const IDENTITY: Readers = [['identity-resolver', [LINKS]]];
const ATTACHED: Readers = [['profile-builder-fragments', [EVENTS, ASSIGNMENTS]]];
const FOLLOWERS: Readers = [
  ['profile-builder-profiles', [FRAGMENTS]],
  ['segmentation-memberships', [FRAGMENTS]],
];
const ACCOUNTS: Readers = [['profile-builder-accounts', FACTS]];
/** Identifiers that part tell one another in rounds: so many times its log is waited for. */
const ROUNDS = 4;
const SINKS: Readers = [
  ['profile-builder-tables', [EVENTS, TOPICS.profiles.name]],
  ['segmentation-tables', [TOPICS.memberships.name, TOPICS.changes.name]],
  ['identity-tables', [ASSIGNMENTS, LINKS]],
  ['collector-tables', [REJECTED]],
];

/** What stays until its retention, and for how long at the most. */
const EXPIRING: readonly { readonly store: string; readonly days: number }[] = [
  TOPICS.events,
  TOPICS.links,
  TOPICS.partings,
  TOPICS.changes,
  TOPICS.accountFacts,
  TOPICS.rejected,
  TOPICS.deadLetters,
].map(({ name, cleanup }) => ({ store: name, days: cleanup.retentionMs / DAY_MS }));

/** Stores that hold one record of each identifier. */
const COUNTED: readonly string[] = [FRAGMENTS, ASSIGNMENTS, TOPICS.resolverState.name];

/**
 * The steps of an erasure: it is written into the event log; those who fold it have; identity's partitions have told one
 * another; those who follow them have, one after the other; the tables have all that; then rows are removed, table by table,
 * until none is left.
 */
@Injectable()
export class ErasureSteps {
  constructor(
    private readonly log: ErasureLog,
    private readonly rows: RowErasure,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async take(row: RequestRow): Promise<Turn> {
    const progress = row.progress ?? { step: row.outbox === null ? 'erase' : 'settle' };
    switch (progress.step) {
      case 'settle':
        return this.#go(row, { step: 'erase' }, { pauseMs: SETTLE_MS });
      case 'erase':
        return this.#erase(row);
      case 'fold':
        return (await this.#wait(row, progress, FOLDERS)) ?? this.#folded(row, progress);
      case 'identity':
        return (await this.#wait(row, progress, IDENTITY)) ?? this.#told(row, progress);
      case 'attach':
        return (
          (await this.#wait(row, progress, ATTACHED)) ?? this.#next(row, progress, 'follow', [FRAGMENTS])
        );
      case 'follow':
        return (await this.#wait(row, progress, FOLLOWERS)) ?? this.#next(row, progress, 'accounts', FACTS);
      case 'accounts':
        return (await this.#wait(row, progress, ACCOUNTS)) ?? this.#next(row, progress, 'rows', WRITTEN);
      case 'rows':
        return (await this.#wait(row, progress, SINKS)) ?? this.#remove(row, progress);
    }
  }

  async #erase(row: RequestRow): Promise<Turn> {
    const until = toInstant(this.clock.now() + MARGIN_MS);
    const { workspace: workspaceId, id: requestId } = row;
    const offsets = await this.log.write({ workspaceId, until, requestId }, identifiersOf(row));
    return this.#go(row, { step: 'fold', until, offsets, cut: offsets });
  }

  async #folded(row: RequestRow, progress: Progress): Promise<Turn> {
    const leftMs = Date.parse(progress.until ?? '') + WRITTEN_WITHIN_MS - this.clock.now();
    if (leftMs > 0)
      return this.#go(row, progress, { waitsFor: EVENTS, pauseMs: Math.min(leftMs, SETTLE_MS) });
    return this.#next(row, { ...progress, round: 1 }, 'identity', [LINKS]);
  }

  async #told(row: RequestRow, progress: Progress): Promise<Turn> {
    const { round = ROUNDS } = progress;
    return round < ROUNDS
      ? this.#next(row, { ...progress, round: round + 1 }, 'identity', [LINKS])
      : this.#next(row, progress, 'attach', [EVENTS, ASSIGNMENTS]);
  }

  /** Goes on to a step that waits until these topics are read as far as they go now. */
  async #next(
    row: RequestRow,
    progress: Progress,
    step: Progress['step'],
    topics: readonly string[],
  ): Promise<Turn> {
    const ends = await this.log.ends(topics);
    return this.#go(row, { ...progress, step, offsets: { ...progress.offsets, ...ends } });
  }

  async #wait(row: RequestRow, progress: Progress, readers: Readers): Promise<Turn | undefined> {
    for (const [group, topics] of readers)
      if (!(await this.log.hasRead(group, topics, progress.offsets ?? {})))
        return this.#go(row, progress, { waitsFor: group, pauseMs: PAUSE_MS });
    return undefined;
  }

  /** One table a turn that has rows still; the first time their number is noted. */
  async #remove(row: RequestRow, progress: Progress): Promise<Turn> {
    const cut = cutOf(progress);
    const of = { identifiers: identifiersOf(row), profiles: row.profiles ?? [] };
    const receipts = [...row.receipts];
    for (const table of PERSON_TABLES) {
      const count = await this.rows.count(table, of, cut);
      const known = receipts.find(({ store }) => store === table.table);
      if (!known) receipts.push(this.#receipt(table.table, 'removed', count));
      if (count === 0) continue;
      await this.rows.begin(table, row.id, of, cut);
      return { ...this.#go(row, progress, { waitsFor: table.table, pauseMs: PAUSE_MS }), receipts };
    }
    await this.rows.end(row.id);
    return this.#done(row, progress, receipts, cut);
  }

  #done(row: RequestRow, progress: Progress, receipts: readonly Receipt[], { until }: Cut): Turn {
    const count = identifiersOf(row).length;
    const emptied = [
      FRAGMENTS,
      TOPICS.profiles.name,
      TOPICS.memberships.name,
      TOPICS.fragmentsState.name,
      TOPICS.observationsState.name,
      ASSIGNMENTS,
      TOPICS.resolverState.name,
    ].map((store) => this.#receipt(store, 'removed', COUNTED.includes(store) ? count : null));
    const expiring = EXPIRING.map(({ store, days }) => ({
      ...this.#receipt(store, 'expires', null),
      // A segment goes when its last record is old enough: a day more at most.
      until: toInstant(Date.parse(until) + (days + 1) * DAY_MS),
    }));
    return {
      ...this.#go(row, progress),
      ...{ status: 'done', isForgotten: true },
      receipts: [...receipts, ...emptied, ...expiring],
    };
  }

  #receipt(store: string, action: Receipt['action'], count: number | null): Receipt {
    return { store, action, count, at: toInstant(this.clock.now()) };
  }

  #go(row: RequestRow, progress: Progress, { waitsFor = null as string | null, pauseMs = 0 } = {}): Turn {
    return { status: 'running', progress, receipts: row.receipts, waitsFor, pauseMs, isForgotten: false };
  }
}

function identifiersOf({ identifiers }: RequestRow): readonly Identifier[] {
  return (identifiers ?? []) as readonly Identifier[];
}

function cutOf({ until = '', offsets = {}, cut = offsets }: Progress): Cut {
  const ofEvents = Object.entries(cut).filter(([place]) => place.startsWith(`${EVENTS}/`));
  return {
    until,
    events: new Map(ofEvents.map(([place, offset]) => [Number(place.slice(EVENTS.length + 1)), offset])),
  };
}
