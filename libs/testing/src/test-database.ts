import pg from 'pg';
import { uniqueName } from './names.js';
import { postgresUrl } from './servers.js';

/** A database that nobody else uses. */
export interface TestDatabase {
  /** `postgres://user:password@host:port/name`. */
  readonly url: string;
  readonly name: string;
  /** Whoever is still connected is cut off. */
  drop(): Promise<void>;
}

/** Makes an empty database in the PostgreSQL of the run; some tens of milliseconds. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = uniqueName('test');
  await ask(`CREATE DATABASE ${name}`);
  const url = new URL(postgresUrl());
  url.pathname = `/${name}`;
  return { url: url.href, name, drop: () => ask(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function ask(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
