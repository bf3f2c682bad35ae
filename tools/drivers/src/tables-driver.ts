import {
  createClickHouse,
  sinksOf,
  Tables,
  type ClickHouseClient,
  type MigrationSet,
  type Sink,
} from '@tributary/clickhouse';
import type { Topic } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { clickhouseUrl, uniqueName } from '@tributary/testing';
import { Registry } from 'prom-client';

/** Where the records of a batch come from. */
export interface Origin {
  /** The offset of the first; 0 unless given. */
  readonly from?: number;
  /** 0 unless given. */
  readonly partition?: number;
  /** The header that names the schema; absent unless given. */
  readonly schema?: string;
  /** `k` unless given. */
  readonly key?: string;
  /** Beside that of the schema. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A service's tables in a database of their own, and the sinks that fill them, without a broker. */
export class TablesDriver {
  readonly client: ClickHouseClient;
  readonly #database = uniqueName('tables');
  readonly #tables: Tables;
  readonly #sinks: ReturnType<typeof sinksOf>;

  constructor(schemas: readonly MigrationSet[], sinks: readonly Sink[]) {
    const clickhouse = { url: clickhouseUrl(), database: this.#database };
    const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
    this.client = createClickHouse(clickhouse);
    this.#tables = new Tables({
      clickhouse,
      schemas,
      logger,
      registry: new Registry(),
      pace: { lingerMs: 5, everyMs: 5 },
    });
    this.#sinks = sinksOf(this.#tables, sinks);
  }

  /** Creates the tables. */
  async start(): Promise<void> {
    this.#tables.onModuleInit();
    await this.#tables.prepared;
  }

  /** Hands messages of a topic to its sinks as one batch; resolves when their rows are there. */
  async feed(
    { name: topic }: Topic,
    messages: readonly object[],
    { from = 0, partition = 0, schema, key = 'k', headers = {} }: Origin = {},
  ): Promise<void> {
    const records = messages.map((message, i): LogRecord => ({
      ...{ topic, partition, offset: from + i, key, timestamp: 0 },
      value: Buffer.from(JSON.stringify(message)),
      headers: { ...(schema !== undefined && { schema }), ...headers },
    }));
    const endOffset = from + messages.length;
    await this.#sinks.handle({ topic, partition, records, endOffset, logEnd: endOffset });
  }

  /** The rows that a query finds. */
  async rows(query: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.client.query({ query, format: 'JSONEachRow' })).json();
  }

  /** Drops the database. */
  async close(): Promise<void> {
    await this.client.command({ query: `DROP DATABASE IF EXISTS \`${this.#database}\`` });
    await this.client.close();
    await this.#tables.onApplicationShutdown();
  }
}
