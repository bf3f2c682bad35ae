import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@tributary/testing';
import { sql } from 'kysely';
import { Database } from './database.js';
import { migrate, type Migration } from './migrations.js';

interface Tables {
  readonly things: { readonly id: number };
}

describe('migrate', () => {
  let test: TestDatabase;
  let databases: readonly [Database<Tables>, Database<Tables>];

  beforeAll(async () => {
    test = await createTestDatabase();
    const config = { DATABASE_URL: test.url, DATABASE_CONNECTIONS: 4, DATABASE_PATIENCE_MS: 10_000 };
    databases = [new Database(config), new Database(config)];
  });

  afterAll(async () => {
    for (const database of databases) await database.close();
    await test.drop();
  });

  const things: Migration = {
    name: 'spec-0001-things',
    up: async (statements) => {
      await sql`CREATE TABLE things (id int PRIMARY KEY)`.execute(statements);
    },
  };

  it('runs each migration once, whichever of two processes comes first', async () => {
    const ran = await Promise.all(databases.map((database) => migrate(database, [things])));
    expect(ran.flat()).toEqual(['spec-0001-things']);
    expect(await migrate(databases[0], [things])).toEqual([]);
  });

  it('leaves nothing of one that fails, and keeps those before it', async () => {
    const first: Migration = {
      name: 'spec-0002-first',
      up: async (statements) => {
        await sql`INSERT INTO things VALUES (1)`.execute(statements);
      },
    };
    const broken: Migration = {
      name: 'spec-0003-broken',
      up: async (statements) => {
        await sql`INSERT INTO things VALUES (2)`.execute(statements);
        throw new Error('broken');
      },
    };
    await expect(migrate(databases[0], [things, first, broken])).rejects.toThrow('broken');
    const rows = await databases[0].run((s) => s.selectFrom('things').select('id').execute());
    expect(rows).toEqual([{ id: 1 }]);
    expect(await migrate(databases[0], [things, first])).toEqual([]);
  });
});
