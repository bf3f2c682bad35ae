import type { ClickHouseClient } from '@clickhouse/client';
import { hash } from 'node:crypto';
import { MigrationChangedError } from './clickhouse.errors.js';

/** One step of a schema. */
export interface Migration {
  /** Unique in its set, and never changed: `001_events`. */
  readonly name: string;
  /**
   * Statements, each ended by a semicolon at the end of a line. They may be run again, by another process
   * at the same time too (`IF NOT EXISTS`, `OR REPLACE`): ClickHouse has no lock that could prevent it.
   */
  readonly sql: string;
}

/** The ordered steps of the tables that one owner has. A set that several services need is run by each of them. */
export interface MigrationSet {
  /** The owner, under whose name the steps are recorded. */
  readonly service: string;
  readonly migrations: readonly Migration[];
}

const RECORD_TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  service String,
  name String,
  checksum String,
  applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree ORDER BY (service, name)`;

/**
 * Applies, in order, what `schema_migrations` does not know yet; answers with the names of what it applied. A step is
 * recorded after it ran: a crash between the two runs it again. Rejects with {@link MigrationChangedError} before
 * anything is applied when the text of an applied step has changed.
 */
export async function migrate(client: ClickHouseClient, set: MigrationSet): Promise<readonly string[]> {
  await client.command({ query: RECORD_TABLE });
  const applied = await appliedChecksums(client, set.service);
  for (const migration of set.migrations) {
    const before = applied.get(migration.name);
    const now = checksumOf(migration);
    if (before !== undefined && before !== now)
      throw new MigrationChangedError(set.service, migration.name, before, now);
  }
  const missing = set.migrations.filter(({ name }) => !applied.has(name));
  for (const migration of missing) {
    for (const query of statementsOf(migration.sql)) await client.command({ query });
    await client.insert({
      table: 'schema_migrations',
      columns: ['service', 'name', 'checksum'],
      values: [{ service: set.service, name: migration.name, checksum: checksumOf(migration) }],
      format: 'JSONEachRow',
    });
  }
  return missing.map(({ name }) => name);
}

/** The statements of a migration, without their semicolons. */
export function statementsOf(sql: string): readonly string[] {
  return sql
    .split(/;[ \t]*(?:\r?\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

async function appliedChecksums(
  client: ClickHouseClient,
  service: string,
): Promise<ReadonlyMap<string, string>> {
  const result = await client.query({
    query: 'SELECT name, checksum FROM schema_migrations FINAL WHERE service = {service:String}',
    query_params: { service },
    format: 'JSONEachRow',
  });
  const rows = await result.json<{ readonly name: string; readonly checksum: string }>();
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

/** White space at the ends of lines and of the text does not count. */
function checksumOf({ sql }: Migration): string {
  const text = sql
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
  return hash('sha256', text, 'hex').slice(0, 16);
}
