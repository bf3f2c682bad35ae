import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { DatabaseConfig } from './control.config.js';
import { DatabaseAwayError, isAway } from './control.errors.js';

/** The statements of one transaction; all or none of them take effect. */
export type Statements<S> = Transaction<S>;

/** A PostgreSQL database whose tables are `S`: name → columns. */
export class Database<S> {
  readonly #pool: pg.Pool;
  readonly #kysely: Kysely<S>;

  constructor(private readonly config: DatabaseConfig) {
    const { DATABASE_CONNECTIONS: max, DATABASE_PATIENCE_MS: patience } = config;
    this.#pool = new pg.Pool({
      ...connectionOptions(config),
      max,
      statement_timeout: patience,
      // A process that stands still in the middle of a transaction holds up the others no longer than this.
      idle_in_transaction_session_timeout: 2 * patience,
      query_timeout: 2 * patience,
    });
    // A connection that breaks while nobody uses it, or between two statements; who asks next gets another, or learns of it.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => {
      client.on('error', () => undefined);
    });
    this.#kysely = new Kysely<S>({ dialect: new PostgresDialect({ pool: this.#pool }) });
  }

  /** The same database as one who uses other tables of it sees it. */
  withTables<T>(): Database<T> {
    return this as unknown as Database<T>;
  }

  /**
   * Reads, or changes something by one statement.
   *
   * @throws DatabaseAwayError
   */
  async run<T>(work: (statements: Kysely<S>) => Promise<T>): Promise<T> {
    return orAway(() => work(this.#kysely));
  }

  /**
   * Does all of it or nothing; what throws undoes it.
   *
   * @throws DatabaseAwayError nothing was changed, unless the answer to the commit alone was lost
   */
  async transaction<T>(work: (statements: Statements<S>) => Promise<T>): Promise<T> {
    return orAway(() => this.#kysely.transaction().execute(work));
  }

  /** Whether it answers. @throws DatabaseAwayError */
  async ping(): Promise<void> {
    await this.run((statements) => sql`SELECT 1`.execute(statements));
  }

  /**
   * A connection of its own, beside the pool: for what belongs to a session, such as a lock or LISTEN.
   *
   * @throws DatabaseAwayError
   */
  async session(): Promise<pg.Client> {
    const client = new pg.Client({
      ...connectionOptions(this.config),
      query_timeout: 2 * this.config.DATABASE_PATIENCE_MS,
    });
    client.on('error', () => undefined);
    await orAway(() => client.connect());
    return client;
  }

  async close(): Promise<void> {
    await this.#kysely.destroy();
  }
}

function connectionOptions({ DATABASE_URL: url, DATABASE_PATIENCE_MS: patience }: DatabaseConfig) {
  return {
    connectionString: url,
    application_name: 'tributary',
    connectionTimeoutMillis: patience,
    keepAlive: true,
  };
}

async function orAway<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isAway(cause) || cause instanceof DatabaseAwayError) throw cause;
    throw new DatabaseAwayError({ cause });
  }
}
