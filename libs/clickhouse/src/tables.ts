import type { ClickHouseClient } from '@clickhouse/client';
import type { Registry } from 'prom-client';
import { createClickHouse, createDatabase, type ClickHouseOptions } from './client.js';
import { ClickHouseRowWriter } from './clickhouse-row-writer.js';
import { MigrationChangedError, SinkClosedError } from './clickhouse.errors.js';
import { migrate, type MigrationSet } from './migrations.js';
import { retryForever, systemRetryPort } from './retry.js';
import { REFUSED_ROWS_SCHEMA } from './schemas/refused-rows.js';
import { VALUE_FUNCTIONS_SCHEMA } from './schemas/value-functions.js';
import { SinkPace, type SinkPaceOptions } from './sink-pace.js';
import { TableSink, type RowMapping } from './table-sink.js';
import { TablesMetrics, type TablesLogger } from './tables.metrics.js';

export interface TablesOptions {
  readonly clickhouse: ClickHouseOptions;
  /** Run in this order, after the table of refused rows and the functions for values. */
  readonly schemas: readonly MigrationSet[];
  readonly logger: TablesLogger;
  readonly registry: Registry;
  readonly pace: Omit<SinkPaceOptions, 'now'>;
  /** How long a closing service still waits for ClickHouse; 5,000 ms unless given. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 5_000;
const PREPARATION = 'schema_migrations';

/**
 * A service's own tables: creates them as soon as ClickHouse answers, and makes the sinks that fill them. As a Nest
 * provider it starts, drains and closes with the module. Nothing here fails because ClickHouse is away.
 */
export class Tables {
  readonly client: ClickHouseClient;
  readonly #options: TablesOptions;
  readonly #metrics: TablesMetrics;
  readonly #writer: ClickHouseRowWriter;
  readonly #pace: SinkPace;
  readonly #sinks: TableSink[] = [];
  readonly #prepared = Promise.withResolvers<undefined>();
  #attempted = false;
  #closing = false;
  #patience: NodeJS.Timeout | undefined;

  constructor(options: TablesOptions) {
    this.#options = options;
    this.#pace = new SinkPace(options.pace);
    this.client = createClickHouse(options.clickhouse);
    this.#metrics = new TablesMetrics(options.logger, options.registry);
    this.#writer = new ClickHouseRowWriter(this.client, this.#prepared.promise);
    this.#prepared.promise.catch((error: unknown) => {
      if (!(error instanceof SinkClosedError))
        options.logger.error({ err: error }, 'tables cannot be created');
    });
  }

  /** The sink of one table. */
  sink(table: string, map: RowMapping): TableSink {
    const sink = new TableSink({
      table,
      map,
      writer: this.#writer,
      observer: this.#metrics,
      pace: this.#pace,
    });
    this.#sinks.push(sink);
    return sink;
  }

  /**
   * Whether the tables are there, or ClickHouse is known to be away: a service is ready then, for its own work does
   * not wait for its tables.
   */
  get attempted(): boolean {
    return this.#attempted;
  }

  /** Resolves when the tables are there; rejects when they can never be: a migration was changed. */
  get prepared(): Promise<void> {
    return this.#prepared.promise;
  }

  /** Throws where a table takes no row at all, although ClickHouse answers: its rows wait until somebody mends it. */
  assertTaking(): true {
    const { refusing } = this.#metrics;
    if (refusing) throw refusing;
    return true;
  }

  onModuleInit(): void {
    retryForever(() => this.#prepare(), {
      port: systemRetryPort,
      onFailure: (error) => {
        this.#attempted = true;
        if (error instanceof MigrationChangedError) throw error;
        if (this.#closing) throw new SinkClosedError(PREPARATION, { cause: error });
        this.#metrics.unavailable(PREPARATION, error);
      },
    }).then(() => {
      this.#attempted = true;
      this.#metrics.available(PREPARATION);
      this.#prepared.resolve(undefined);
    }, this.#prepared.reject);
  }

  /** The consumer group is closed after this, and waits for its handlers. */
  onModuleDestroy(): void {
    this.#patience = setTimeout(() => {
      this.#closing = true;
      this.#prepared.reject(new SinkClosedError(PREPARATION));
      for (const sink of this.#sinks) sink.giveUp();
    }, this.#options.patienceMs ?? PATIENCE_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.#patience);
    this.#closing = true;
    await this.client.close();
  }

  async #prepare(): Promise<void> {
    await createDatabase(this.#options.clickhouse);
    for (const set of [REFUSED_ROWS_SCHEMA, VALUE_FUNCTIONS_SCHEMA, ...this.#options.schemas])
      await migrate(this.client, set);
  }
}
