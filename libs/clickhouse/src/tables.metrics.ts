import type { PartitionBatch } from '@tributary/kafka';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { RefusedRecord } from './schemas/refused-rows.js';
import { TableRefusesError } from './clickhouse.errors.js';
import type { SinkObserver } from './sink-observer.port.js';

/** Where the sinks' news go; pino fits. */
export interface TablesLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Counts rows, shows the lag, and logs each change of ClickHouse's state once. */
export class TablesMetrics implements SinkObserver {
  readonly #rows: Counter<'table'>;
  readonly #refused: Counter<'table'>;
  readonly #lag: Gauge<'topic' | 'partition'>;
  readonly #up: Gauge<'table'>;
  readonly #away = new Set<string>();
  readonly #refusing = new Map<string, TableRefusesError>();

  constructor(
    private readonly logger: TablesLogger,
    registry: Registry,
  ) {
    const registers = [registry];
    this.#rows = new Counter({
      name: 'tributary_table_rows_total',
      help: 'rows handed to ClickHouse and answered',
      labelNames: ['table'],
      registers,
    });
    this.#refused = new Counter({
      name: 'tributary_table_refused_records_total',
      help: 'records that a table cannot take, kept in refused_rows',
      labelNames: ['table'],
      registers,
    });
    this.#lag = new Gauge({
      name: 'tributary_table_lag_records',
      help: 'records of the partition that are not stored yet, as of the last batch that was',
      labelNames: ['topic', 'partition'],
      registers,
    });
    this.#up = new Gauge({
      name: 'tributary_table_up',
      help: 'whether ClickHouse answered the last insert into the table',
      labelNames: ['table'],
      registers,
    });
  }

  inserted(table: string, rows: number, refused: readonly RefusedRecord[]): void {
    this.#rows.inc({ table }, rows);
    this.#refused.inc({ table }, refused.length);
    const [first] = refused;
    if (!first) return;
    const { topic, partition, offset } = first.record;
    this.logger.error(
      { table, records: refused.length, first: { topic, partition, offset, error: first.error } },
      'records refused by a table',
    );
  }

  reached({ topic, partition, endOffset, logEnd }: PartitionBatch): void {
    this.#lag.set({ topic, partition: String(partition) }, Math.max(0, logEnd - endOffset));
  }

  unavailable(table: string, error: unknown): void {
    this.#up.set({ table }, 0);
    const isRefusing = error instanceof TableRefusesError;
    if (this.#away.has(table) && isRefusing === this.#refusing.has(table)) return;
    this.#away.add(table);
    if (isRefusing) this.#refusing.set(table, error);
    else this.#refusing.delete(table);
    if (isRefusing) {
      this.logger.error({ table, err: error }, 'table takes no row any more');
      return;
    }
    this.logger.warn({ table, err: error }, 'table waits for clickhouse');
  }

  /** The first of the tables that take no row any more. */
  get refusing(): TableRefusesError | undefined {
    return [...this.#refusing.values()][0];
  }

  available(table: string): void {
    this.#up.set({ table }, 1);
    this.#refusing.delete(table);
    if (this.#away.delete(table)) this.logger.info({ table }, 'table written again');
  }
}
