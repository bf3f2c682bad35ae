import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { entryOf } from './ledger.js';

/** The tables as a reader of them sees them. */
export class Tables {
  constructor(private readonly url: () => string) {}

  /** Every event in the table as often as a reader finds it, by its entry. */
  async events(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#rows<{ key: string; messageId: string; found: string }>(
      `SELECT concat(workspace_id, '/', identifier) AS key, message_id AS messageId, count() AS found
       FROM events_log FINAL GROUP BY ALL`,
    );
    return new Map(rows.map(({ key, messageId, found }) => [entryOf(key, messageId), Number(found)]));
  }

  /** The visitors, as `anonymous_id:…`, whose probes of this round are in the table. */
  async probesOf(round: number): Promise<ReadonlySet<string>> {
    const rows = await this.#rows<{ identifier: string }>(
      `SELECT identifier FROM events_log WHERE startsWith(identifier, 'anonymous_id:probe-${round}-')`,
    );
    return new Set(rows.map(({ identifier }) => identifier));
  }

  async #rows<T>(query: string): Promise<readonly T[]> {
    await using client = createClient({
      url: this.url(),
      database: 'tributary',
      request_timeout: 30_000,
      log: { level: ClickHouseLogLevel.OFF },
    });
    const result = await client.query({ query, format: 'JSONEachRow' });
    return await result.json<T>();
  }
}
