import { sql, type Transaction } from 'kysely';
import type { Database } from './database.js';
import { lock } from './locks.js';

/** One change of the tables. Once released it is never changed: another follows it. */
export interface Migration {
  /** Unique, such as `control-0001-definitions`; libraries begin theirs with their own name. */
  readonly name: string;
  /** Runs in a transaction of its own. */
  readonly up: (statements: Transaction<unknown>) => Promise<void>;
}

/** Whoever migrates holds this advisory lock of the database. */
const LOCK = 'tributary.migrations';

/**
 * Runs those that have not been run, in their order, each in a transaction, one process at a time; answers with their
 * names. One that fails leaves nothing of itself, and those before it stay.
 *
 * @throws DatabaseAwayError, and what a migration throws
 */
export async function migrate<S>(
  database: Database<S>,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  const ran: string[] = [];
  for (const { name, up } of migrations) {
    if (await runOnce(database, name, up)) ran.push(name);
  }
  return ran;
}

async function runOnce<S>(database: Database<S>, name: string, up: Migration['up']): Promise<boolean> {
  try {
    return await database.withTables<MigrationTables>().transaction(async (statements) => {
      // Held to the end of the transaction: another process waits here, and then finds the migration run.
      await lock(statements, LOCK);
      await sql`CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, run_at timestamptz NOT NULL DEFAULT now())`.execute(
        statements,
      );
      const before = await statements
        .selectFrom('migrations')
        .select('name')
        .where('name', '=', name)
        .execute();
      if (before.length > 0) return false;
      await up(statements as unknown as Transaction<unknown>);
      await statements.insertInto('migrations').values({ name }).execute();
      return true;
    });
  } catch (error) {
    // A table that is not there is a fault of the migration.
    const { cause } = error as { readonly cause?: { readonly code?: unknown } };
    throw cause?.code === '42P01' ? cause : error;
  }
}

interface MigrationTables {
  readonly migrations: { readonly name: string };
}
