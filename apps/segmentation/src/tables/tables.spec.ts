import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClickHouse, sinksOf, Tables, type ClickHouseClient } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { clickhouseUrl, uniqueName } from '@tributary/testing';
import { Registry } from 'prom-client';
import { SEGMENTATION_SCHEMA } from './migrations.js';
import { SEGMENTATION_SINKS } from './sinks.js';

const clickhouse = { url: clickhouseUrl(), database: uniqueName('segmentation') };
const at = '2026-01-02T03:04:05.678Z';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

function batch(topic: string, values: readonly object[], from = 0, partition = 0) {
  const records = values.map((value, i): LogRecord => ({
    topic,
    partition,
    offset: from + i,
    key: 'k',
    value: Buffer.from(JSON.stringify(value)),
    headers: {},
    timestamp: 0,
  }));
  return { topic, partition, records, endOffset: from + values.length, logEnd: from + values.length };
}

describe("the segmentation service's tables", () => {
  const tables = new Tables({
    clickhouse,
    schemas: [SEGMENTATION_SCHEMA],
    logger: silent,
    registry: new Registry(),
    lingerMs: 5,
  });
  const sinks = sinksOf(tables, SEGMENTATION_SINKS);
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

  const membership = (profileId: string, member: boolean, epoch: number) => ({
    workspaceId: 'w',
    audienceKey: 'vips',
    profileId,
    member,
    since: at,
    epoch,
    cause: 'event',
    identifiers: [`user_id:${profileId}`],
  });

  it('show who is a member by the highest epoch, then the last record', async () => {
    await sinks.handle(
      batch(TOPICS.memberships.name, [membership('in', false, 5), membership('in', true, 5)], 10),
    );
    await sinks.handle(batch(TOPICS.memberships.name, [membership('out', false, 90)], 100));
    await sinks.handle(batch(TOPICS.memberships.name, [membership('out', true, 5)], 200));
    expect(await rows('SELECT * FROM current_memberships')).toEqual([
      { workspace_id: 'w', audience_key: 'vips', profile_id: 'in', since: at, identifiers: ['user_id:in'] },
    ]);
  });

  it('have each change once', async () => {
    const change = (id: string) => ({
      workspaceId: 'w',
      id,
      audienceKey: 'vips',
      profileId: 'in',
      change: 'entered',
      at,
      cause: 'event',
      version: 11,
      identifiers: [],
    });
    await sinks.handle(batch(TOPICS.changes.name, [change('0-11'), change('0-12')]));
    await sinks.handle(batch(TOPICS.changes.name, [change('0-11')], 7));
    expect(await rows('SELECT id, change, at FROM audience_changes FINAL ORDER BY id')).toEqual([
      { id: '0-11', change: 'entered', at },
      { id: '0-12', change: 'entered', at },
    ]);
  });
});
