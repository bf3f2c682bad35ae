import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClickHouseClient } from '@clickhouse/client';
import { clickhouseUrl, uniqueName } from '@tributary/testing';
import { createClickHouse, createDatabase } from './client.js';
import { MigrationChangedError } from './clickhouse.errors.js';
import { migrate, statementsOf, type MigrationSet } from './migrations.js';

const options = { url: clickhouseUrl(), database: uniqueName('migrations') };
const TABLE = {
  name: '001_things',
  sql: `CREATE TABLE IF NOT EXISTS things (id String) ENGINE = MergeTree ORDER BY id;
CREATE OR REPLACE VIEW all_things AS SELECT * FROM things;`,
};
const COLUMN = { name: '002_colour', sql: 'ALTER TABLE things ADD COLUMN IF NOT EXISTS colour String;' };

describe('migrate', () => {
  let client: ClickHouseClient;
  const recorded = async (service: string) => {
    const result = await client.query({
      query: 'SELECT name FROM schema_migrations FINAL WHERE service = {service:String} ORDER BY name',
      query_params: { service },
      format: 'JSONEachRow',
    });
    return (await result.json<{ name: string }>()).map(({ name }) => name);
  };

  beforeAll(async () => {
    await createDatabase(options);
    await createDatabase(options);
    client = createClickHouse(options);
  });

  afterAll(async () => {
    await client.command({ query: `DROP DATABASE IF EXISTS \`${options.database}\`` });
    await client.close();
  });

  it('applies what is missing, in order, and nothing twice', async () => {
    expect(await migrate(client, { service: 'svc', migrations: [TABLE] })).toEqual(['001_things']);
    const grown: MigrationSet = { service: 'svc', migrations: [TABLE, COLUMN] };
    expect(await migrate(client, grown)).toEqual(['002_colour']);
    expect(await migrate(client, grown)).toEqual([]);
    await client.command({ query: "INSERT INTO things VALUES ('a', 'blue')" });
    expect(await recorded('svc')).toEqual(['001_things', '002_colour']);
  });

  it('does not mind two processes at once', async () => {
    const set: MigrationSet = { service: 'both', migrations: [TABLE, COLUMN] };
    await Promise.all([migrate(client, set), migrate(client, set)]);
    expect(await recorded('both')).toEqual(['001_things', '002_colour']);
  });

  it('keeps the sets of services apart', async () => {
    expect(await migrate(client, { service: 'other', migrations: [TABLE] })).toEqual(['001_things']);
  });

  it('refuses to go on when an applied migration has changed, before anything is applied', async () => {
    await migrate(client, { service: 'changed', migrations: [TABLE] });
    const edited = { ...TABLE, sql: `${TABLE.sql}\nDROP TABLE things;` };
    const set: MigrationSet = { service: 'changed', migrations: [edited, COLUMN] };
    await expect(migrate(client, set)).rejects.toThrow(MigrationChangedError);
    expect(await recorded('changed')).toEqual(['001_things']);
  });

  it('takes a migration whose lines end in other white space for the same', async () => {
    const spaced = { ...TABLE, sql: ` \n${TABLE.sql.replace('\n', '  \n')}\n` };
    expect(await migrate(client, { service: 'changed', migrations: [spaced] })).toEqual([]);
  });
});

describe('statementsOf', () => {
  it('parts a text at semicolons that end a line', () => {
    expect(statementsOf("SELECT ';a';\n\nSELECT 2 ;\nSELECT\n3")).toEqual([
      "SELECT ';a'",
      'SELECT 2',
      'SELECT\n3',
    ]);
  });
});
