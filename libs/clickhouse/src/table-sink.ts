import type { LogRecord, PartitionBatch } from '@tributary/kafka';
import type { Result } from '@tributary/kernel';
import { MigrationChangedError, SinkClosedError, TableRefusesError } from './clickhouse.errors.js';
import { retryForever, systemRetryPort, type RetryPort } from './retry.js';
import { wellFormedJson } from './json-text.js';
import type { RowWriter } from './row-writer.port.js';
import { REFUSED_ROWS, toRefusedRow, type RefusedRecord } from './schemas/refused-rows.js';
import type { SinkObserver } from './sink-observer.port.js';
import type { SinkPace } from './sink-pace.js';

/** A row: an object of columns, or the JSON text of one without a line break. */
export type SinkRow = Readonly<Record<string, unknown>> | Buffer;

/** The rows that a record makes, none where it is not for this table; the error says why it can make none. Pure. */
export type RowMapping = (record: LogRecord) => Result<readonly SinkRow[], string>;

/** When a batch that is not full is flushed. */
export type Schedule = (ms: number, flush: () => void) => () => void;

export interface TableSinkOptions {
  /** The table that takes the rows. */
  readonly table: string;
  readonly map: RowMapping;
  readonly writer: RowWriter;
  readonly observer: SinkObserver;
  /** So many rows are flushed at once; 10,000 unless given. */
  readonly fullAt?: number;
  /** When fewer rows are flushed. */
  readonly pace: SinkPace;
  readonly retry?: RetryPort;
  readonly schedule?: Schedule;
}

interface Line {
  readonly record: LogRecord;
  readonly text: Buffer;
}

interface Waiting {
  readonly batch: PartitionBatch;
  readonly lines: readonly Line[];
  readonly refused: readonly RefusedRecord[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const FULL_AT = 10_000;
/** Where more is in the log already, waiting only delays the next fetch: just its other partitions are waited for. */
const BEHIND_LINGER_MS = 10;
/** So many rows over a batch are tried alone where none is known that the table has taken. */
const PROBES = 16;
const NEW_LINE = Buffer.from('\n');

/**
 * Writes the records of a topic into a table, the batches of all partitions together. A batch's promise resolves when
 * its rows are stored, so that its offsets may be committed. While ClickHouse is away batches wait; rows that it can
 * never take are kept in `refused_rows` and hold nobody up; where the table takes no row at all, as after somebody changed
 * it, they wait. Rows may come twice: tables drop the copies by their keys.
 */
export class TableSink {
  readonly #options: TableSinkOptions;
  readonly #schedule: Schedule;
  #waiting: Waiting[] = [];
  #rows = 0;
  #unschedule: (() => void) | undefined;
  #scheduledFor = 0;
  #flushing = false;
  #gaveUp = false;
  /** A row that the table has taken. */
  #taken: Buffer | undefined;

  constructor(options: TableSinkOptions) {
    this.#options = options;
    this.#schedule = options.schedule ?? systemSchedule;
  }

  /** Takes a batch in; resolves when all of it is stored. Rejects only when the sink gave up or can never write. */
  take(batch: PartitionBatch): Promise<void> {
    const { lines, refused } = this.#mapped(batch.records);
    if (lines.length === 0 && refused.length === 0) {
      this.#options.observer.reached(batch);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, lines, refused, resolve, reject });
      this.#rows += lines.length + refused.length;
      this.#arm();
    });
  }

  /** From now on a failing insert is not tried again: its batches reject, are not committed, and are read again. */
  giveUp(): void {
    this.#gaveUp = true;
    this.#flush();
  }

  #mapped(records: readonly LogRecord[]) {
    const lines: Line[] = [];
    const refused: RefusedRecord[] = [];
    for (const record of records) {
      const rows = this.#options.map(record);
      if (!rows.ok) refused.push({ record, error: rows.error });
      else for (const row of rows.value) lines.push({ record, text: encoded(row) });
    }
    return { lines, refused };
  }

  #arm(): void {
    if (this.#flushing || this.#waiting.length === 0) return;
    if (this.#rows >= (this.#options.fullAt ?? FULL_AT)) {
      this.#flush();
      return;
    }
    const linger = this.#linger();
    if (this.#unschedule && linger >= this.#scheduledFor) return;
    this.#unschedule?.();
    this.#scheduledFor = linger;
    this.#unschedule = this.#schedule(linger, () => {
      this.#flush();
    });
  }

  #linger(): number {
    const dueIn = this.#options.pace.dueIn();
    const behind = this.#waiting.some(({ batch }) => batch.endOffset < batch.logEnd);
    return behind ? Math.min(dueIn, BEHIND_LINGER_MS) : dueIn;
  }

  #flush(): void {
    this.#unschedule?.();
    this.#unschedule = undefined;
    if (this.#flushing || this.#waiting.length === 0) return;
    const taken = this.#waiting;
    this.#waiting = [];
    this.#rows = 0;
    this.#flushing = true;
    this.#options.pace.flushed();
    void this.#write(taken);
  }

  async #write(taken: readonly Waiting[]): Promise<void> {
    const failure = await this.#store(taken).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    this.#flushing = false;
    this.#arm();
    for (const { batch, resolve, reject } of taken) {
      if (failure) reject(failure.error);
      else {
        this.#options.observer.reached(batch);
        resolve();
      }
    }
  }

  async #store(taken: readonly Waiting[]): Promise<void> {
    const { table, observer } = this.#options;
    const lines = taken.flatMap((waiting) => waiting.lines);
    const refused = [
      ...taken.flatMap((waiting) => waiting.refused),
      ...(lines.length > 0 ? await this.#insert(lines, (rows) => this.#takesNone(rows)) : []),
    ];
    if (refused.length > 0) await this.#keepAsDeadLetter(refused);
    observer.inserted(table, lines.length, refused);
  }

  /** Halves what ClickHouse refuses until the rows at fault stand alone. */
  async #insert(
    lines: readonly Line[],
    isHopeless?: (rows: readonly Buffer[]) => Promise<boolean>,
  ): Promise<readonly RefusedRecord[]> {
    const outcome = await this.#insertOrWait(
      this.#options.table,
      lines.map(({ text }) => text),
      isHopeless,
    );
    const [first] = lines;
    if (outcome.ok) this.#taken = first?.text ?? this.#taken;
    if (outcome.ok) return [];
    if (lines.length === 1 && first) return [{ record: first.record, error: outcome.error }];
    const middle = lines.length >> 1;
    const front = await this.#insert(lines.slice(0, middle));
    return [...front, ...(await this.#insert(lines.slice(middle)))];
  }

  async #keepAsDeadLetter(refused: readonly RefusedRecord[]): Promise<void> {
    const rows = refused.map((one) => encoded(toRefusedRow(this.#options.table, one)));
    const outcome = await this.#insertOrWait(REFUSED_ROWS, rows);
    if (!outcome.ok)
      throw new Error(`${REFUSED_ROWS} refuses what ${this.#options.table} refused: ${outcome.error}`);
  }

  async #insertOrWait(
    table: string,
    rows: readonly Buffer[],
    isHopeless: (rows: readonly Buffer[]) => Promise<boolean> = () => Promise.resolve(false),
  ): Promise<Result<void, string>> {
    const { writer, observer, retry = systemRetryPort } = this.#options;
    const body = joined(rows);
    const insert = async () => {
      const outcome = await writer.insert(table, body);
      if (!outcome.ok && (await isHopeless(rows))) throw new TableRefusesError(table, outcome.error);
      return outcome;
    };
    const outcome = await retryForever(insert, {
      port: retry,
      onFailure: (error) => {
        if (error instanceof MigrationChangedError) throw error;
        if (this.#gaveUp) throw new SinkClosedError(table, { cause: error });
        observer.unavailable(table, error);
      },
    });
    observer.available(table);
    return outcome;
  }

  /** By a row that the table took before; without one, by rows from all over the batch, which cannot all be at fault. */
  async #takesNone(rows: readonly Buffer[]): Promise<boolean> {
    const { writer, table } = this.#options;
    const step = Math.floor(rows.length / PROBES);
    const spread = step === 0 ? [] : rows.filter((_, i) => i % step === 0).slice(0, PROBES);
    const probes = this.#taken ? [this.#taken] : spread;
    for (const probe of probes) if ((await writer.insert(table, joined([probe]))).ok) return false;
    return probes.length > 0;
  }
}

function encoded(row: SinkRow): Buffer {
  return Buffer.isBuffer(row) ? row : wellFormedJson(Buffer.from(JSON.stringify(row), 'utf8'));
}

function joined(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [line, NEW_LINE]));
}

const systemSchedule: Schedule = (ms, flush) => {
  const timer = setTimeout(flush, ms);
  return () => {
    clearTimeout(timer);
  };
};
