import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clickhouseUrl, uniqueName } from '@tributary/testing';
import { createClickHouse, createDatabase } from '../client.js';
import { migrate } from '../migrations.js';
import { IDENTITY_ASSIGNMENTS_SCHEMA } from './identity-assignments.js';

const options = { url: clickhouseUrl(), database: uniqueName('assignments') };

describe('the tables of assignments', () => {
  let client: ClickHouseClient;
  const rows = async (query: string) =>
    (await client.query({ query, format: 'JSONEachRow' })).json<Readonly<Record<string, unknown>>>();
  const at = (minute: number) => `2026-01-02T03:0${minute}:00.000Z`;
  let offset = 0;
  const assign = (identifier: string, version: number, profileId: string, formerly: string[], more = {}) =>
    client.insert({
      table: 'identity_assignments',
      values: [
        {
          workspace_id: 'w',
          identifier,
          profile_id: profileId,
          version,
          reason: 'linked',
          formerly,
          at: at(version),
          kafka_offset: (offset += 1),
          ...more,
        },
      ],
      format: 'JSONEachRow',
    });
  const identifiersOf = async (profileId: string) =>
    (
      await rows(
        `SELECT identifier FROM identifiers_by_profile WHERE workspace_id = 'w' AND profile_id = '${profileId}'`,
      )
    )
      .map(({ identifier }) => identifier)
      .sort();

  beforeAll(async () => {
    client = createClickHouse(options);
    await createDatabase(options);
    const { migrations } = IDENTITY_ASSIGNMENTS_SCHEMA;
    await migrate(client, { ...IDENTITY_ASSIGNMENTS_SCHEMA, migrations: migrations.slice(0, 1) });
    await assign('early', 1, 'p-early', ['p-early-own', 'p-early']);
    await migrate(client, IDENTITY_ASSIGNMENTS_SCHEMA);
  });

  afterAll(async () => {
    await client.command({ query: `DROP DATABASE IF EXISTS \`${options.database}\`` });
    await client.close();
  });

  it('lead from a profile to who is there, through a merge and an un-merge, in whatever order they are written', async () => {
    await assign('a', 1, 'p', ['p-a', 'p']);
    await assign('b', 3, 'p-b', ['p-b', 'p'], { reason: 'split' });
    await assign('b', 2, 'p', ['p-b', 'p']);
    expect(await identifiersOf('p')).toEqual(['a']);
    expect(await identifiersOf('p-b')).toEqual(['b']);
    await assign('b', 4, 'p', ['p-b', 'p']);
    expect(await identifiersOf('p')).toEqual(['a', 'b']);
    expect(await identifiersOf('p-b')).toEqual([]);
    expect(await identifiersOf('p-a')).toEqual([]);
  });

  it('lead to those who were assigned before there was a way', async () => {
    expect(await identifiersOf('p-early')).toEqual(['early']);
    expect(await identifiersOf('p-early-own')).toEqual([]);
  });

  it('show the latest assignment of each identifier, also of those from before', async () => {
    await assign('m', 2, 'p2', ['p-m', 'p1', 'p2']);
    await assign('m', 1, 'p1', ['p-m', 'p1']);
    expect(
      await rows("SELECT * FROM current_assignments WHERE identifier IN ('m', 'early') ORDER BY identifier"),
    ).toEqual([
      { workspace_id: 'w', identifier: 'early', profile_id: 'p-early', latest_version: 1 },
      { workspace_id: 'w', identifier: 'm', profile_id: 'p2', latest_version: 2 },
    ]);
  });

  it('tell who belonged where, when and why', async () => {
    await assign('h', 1, 'p1', ['p-h', 'p1']);
    await assign('h', 2, 'p1', ['p-h', 'p1'], { reason: 'rules' });
    await assign('h', 5, 'p1', ['p-h', 'p1', 'p2']);
    await assign('h', 3, 'p2', ['p-h', 'p1', 'p2'], { reason: 'split' });
    await assign('h', 3, 'p2', ['p-h', 'p1', 'p2'], { reason: 'split' });
    const stay = { workspace_id: 'w', identifier: 'h' };
    expect(await rows("SELECT * FROM identity_history WHERE identifier = 'h' ORDER BY version")).toEqual([
      { ...stay, profile_id: 'p1', from: at(1), until: at(3), reason: 'linked', version: 1 },
      { ...stay, profile_id: 'p2', from: at(3), until: at(5), reason: 'split', version: 3 },
      { ...stay, profile_id: 'p1', from: at(5), until: null, reason: 'linked', version: 5 },
    ]);
  });
});
