import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createClickHouse,
  IDENTITY_ASSIGNMENTS_SCHEMA,
  Tables,
  type ClickHouseClient,
} from '@tributary/clickhouse';
import type { LogRecord } from '@tributary/kafka';
import { clickhouseUrl, uniqueName } from '@tributary/testing';
import { Registry } from 'prom-client';
import { AssignmentsSink } from './assignments.sink.js';
import { LinksSink } from './links.sink.js';
import { IDENTITY_SCHEMA } from './migrations.js';

const clickhouse = { url: clickhouseUrl(), database: uniqueName('identity') };
const at = '2026-01-02T03:04:05.678Z';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

function batch(values: readonly object[], from = 0, partition = 0) {
  const records = values.map((value, i): LogRecord => ({
    topic: 't',
    partition,
    offset: from + i,
    key: 'k',
    value: Buffer.from(JSON.stringify(value)),
    headers: {},
    timestamp: 0,
  }));
  return { topic: 't', partition, records, endOffset: from + values.length, logEnd: from + values.length };
}

describe("the identity service's tables", () => {
  const tables = new Tables({
    clickhouse,
    schemas: [IDENTITY_ASSIGNMENTS_SCHEMA, IDENTITY_SCHEMA],
    logger: silent,
    registry: new Registry(),
    lingerMs: 5,
  });
  const assignments = new AssignmentsSink(tables);
  const links = new LinksSink(tables);
  let client: ClickHouseClient;
  const rows = async (query: string) =>
    (await client.query({ query, format: 'JSONEachRow' })).json<Readonly<Record<string, unknown>>>();

  beforeAll(async () => {
    client = createClickHouse(clickhouse);
    tables.onModuleInit();
    await tables.prepared;
  });

  afterAll(async () => {
    await client.command({ query: `DROP DATABASE IF EXISTS \`${clickhouse.database}\`` });
    await client.close();
    await tables.onApplicationShutdown();
  });

  it('keep every version of an assignment, once, and show the latest', async () => {
    const assignment = (version: number, profileId: string) => ({
      workspaceId: 'w',
      identifier: 'user_id:u1',
      profileId,
      version,
      reason: 'linked',
      formerly: [],
      resolvedThrough: { partition: 0, offset: -1 },
      at,
    });
    await assignments.handle(batch([assignment(1, 'p1'), assignment(3, 'p3')]));
    await assignments.handle(batch([assignment(1, 'p1'), assignment(2, 'p2')]));
    expect(await rows('SELECT version, profile_id FROM identity_assignments FINAL ORDER BY version')).toEqual(
      [
        { version: 1, profile_id: 'p1' },
        { version: 2, profile_id: 'p2' },
        { version: 3, profile_id: 'p3' },
      ],
    );
    expect(await rows('SELECT identifier, profile_id, latest_version FROM current_assignments')).toEqual([
      { identifier: 'user_id:u1', profile_id: 'p3', latest_version: 3 },
    ]);
  });

  it('show a link as eligible while both ends say so', async () => {
    const verdict = (end: string, other: string, eligible: boolean, version: number) => ({
      workspaceId: 'w',
      kind: 'verdict',
      to: other,
      end,
      other,
      eligible,
      firstSeen: Date.parse(at),
      endFirstSeen: Date.parse(at),
      version,
    });
    const shown = () => rows('SELECT a, b, eligible, first_seen FROM current_links');
    const link = { a: 'email:a', b: 'user_id:u1', first_seen: at };
    await links.handle(batch([verdict('user_id:u1', 'email:a', true, 5)]));
    expect(await shown()).toEqual([{ ...link, eligible: false }]);
    await links.handle(batch([verdict('email:a', 'user_id:u1', true, 2)]));
    expect(await shown()).toEqual([{ ...link, eligible: true }]);
    await links.handle(batch([verdict('user_id:u1', 'email:a', false, 6)]));
    await links.handle(batch([verdict('user_id:u1', 'email:a', true, 5)]));
    expect(await shown()).toEqual([{ ...link, eligible: false }]);
  });
});
