import type { ClickHouseClient } from '@tributary/clickhouse';
import type { Logs, OutgoingRecord } from '@tributary/kafka';
import { readPage, type Cursor } from './past-events.js';
import { PastFold, seededRecords, type Lacking } from './past-fold.js';

/** Seeds of one request to the brokers, and their bytes. */
const SEEDS_AT_ONCE = 500;
const BYTES_AT_ONCE = 512 * 1024;
/** Rows of a page, so that it holds about so many bytes of customers' data. */
const PAGE_BYTES = 16 * 1024 * 1024;
const FIRST_PAGE = 1_000;
const MOST_ROWS = 50_000;

export interface PassOptions {
  readonly clickhouse: Pick<ClickHouseClient, 'query'>;
  readonly send: Logs['send'];
  /** Whether a partition still lacks it, and is this process's. */
  readonly isAsked: (partition: number) => boolean;
  /** Waits until so many more seeds may be written. */
  readonly paced: (seeds: number) => Promise<void>;
  readonly onRows: (rows: number) => void;
  readonly signal: AbortSignal;
}

/**
 * One reading of what a workspace's aggregates lack in some partitions, identifier after identifier:
 *
 * 1. Their seeds, acknowledged. A crash here: another pass writes them again, and they take the place of the first.
 * 2. The marks that all are in. A crash here: the same.
 */
export class BackFillPass {
  readonly #fold: PastFold;
  /** All seeds up to this identifier are acknowledged. */
  #acknowledged = '';
  #last = '';
  #rows = FIRST_PAGE;
  #waiting: OutgoingRecord[] = [];
  #bytes = 0;

  constructor(
    readonly lacking: readonly Lacking[],
    private readonly options: PassOptions,
  ) {
    this.#fold = new PastFold(lacking);
  }

  /**
   * Goes through all; after a failure, from the first identifier on whose seeds are not acknowledged. Answers with the
   * partitions that it has marked.
   */
  async run(): Promise<ReadonlySet<number>> {
    this.#fold.forget();
    this.#waiting = [];
    this.#bytes = 0;
    const past = pastOf(this.lacking);
    let cursor: Cursor | undefined = past && { identifier: this.#acknowledged };
    while (past && cursor) {
      if (!past.partitions.some(this.options.isAsked)) return new Set();
      cursor = await this.#page(past, cursor);
    }
    await this.#put(this.#fold.end());
    await this.#flush();
    const marks = this.lacking.flatMap((one) => seededRecords(one, this.options.isAsked));
    await this.options.send(marks);
    return new Set(marks.flatMap(({ partition }) => partition ?? []));
  }

  async #page(past: NonNullable<ReturnType<typeof pastOf>>, cursor: Cursor): Promise<Cursor | undefined> {
    const { clickhouse, onRows, signal } = this.options;
    const { events, bytes, next } = await readPage(clickhouse, past, cursor, this.#rows, signal);
    onRows(events.length);
    for (const event of events) {
      await this.#put(this.#fold.take(event));
      this.#last = event.identifier;
    }
    const each = Math.max(1, bytes / Math.max(1, events.length));
    this.#rows = Math.round(Math.min(MOST_ROWS, 4 * this.#rows, Math.max(1, PAGE_BYTES / each)));
    return next;
  }

  /** The seeds of the last identifier. */
  async #put(seeds: readonly OutgoingRecord[]): Promise<void> {
    for (const seed of seeds) {
      this.#waiting.push(seed);
      this.#bytes += seed.value?.length ?? 0;
    }
    if (this.#waiting.length >= SEEDS_AT_ONCE || this.#bytes >= BYTES_AT_ONCE) await this.#flush();
  }

  async #flush(): Promise<void> {
    const seeds = this.#waiting;
    if (seeds.length === 0) return;
    await this.options.paced(seeds.length);
    await this.options.send(seeds);
    this.#waiting = [];
    this.#bytes = 0;
    this.#acknowledged = this.#last;
  }
}

/** What is to be read; undefined where nothing was before. */
function pastOf(lacking: readonly Lacking[]) {
  const partitions = new Map<number, number>();
  for (const one of lacking)
    for (const [partition, { offset }] of one.partitions)
      partitions.set(partition, Math.max(offset, partitions.get(partition) ?? 0));
  const before = Math.max(0, ...partitions.values());
  const [first] = lacking;
  if (!first || before === 0) return undefined;
  return {
    workspaceId: first.workspaceId,
    partitions: [...partitions].flatMap(([partition, offset]) => (offset > 0 ? [partition] : [])),
    before,
    aggregates: lacking.map(({ aggregate }) => aggregate),
  };
}
