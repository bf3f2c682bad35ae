import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClickHouse, sinksOf, Tables, type ClickHouseClient } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { clickhouseUrl, uniqueName } from '@tributary/testing';
import { Registry } from 'prom-client';
import { COLLECTOR_SCHEMA } from './migrations.js';
import { COLLECTOR_SINKS } from './sinks.js';

const clickhouse = { url: clickhouseUrl(), database: uniqueName('collector') };
const at = '2026-01-02T03:04:05.678Z';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

function batch(values: readonly object[], from = 0, partition = 0) {
  const records = values.map((value, i): LogRecord => ({
    topic: TOPICS.rejected.name,
    partition,
    offset: from + i,
    key: 'k',
    value: Buffer.from(JSON.stringify(value)),
    headers: {},
    timestamp: 0,
  }));
  return {
    topic: TOPICS.rejected.name,
    partition,
    records,
    endOffset: from + values.length,
    logEnd: from + values.length,
  };
}

describe("the collector's tables", () => {
  const tables = new Tables({
    clickhouse,
    schemas: [COLLECTOR_SCHEMA],
    logger: silent,
    registry: new Registry(),
    lingerMs: 5,
  });
  const sinks = sinksOf(tables, COLLECTOR_SINKS);
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

  it('keep what was rejected, once, with its reasons', async () => {
    const reasons = [
      { code: 'required', field: 'event', message: 'a track call needs the name of the event' },
    ];
    const message = {
      workspaceId: 'w',
      sourceId: 'web',
      receivedAt: at,
      route: '/v1/track',
      reasons,
      raw: 'e30=',
    };
    await sinks.handle(batch([message, message], 3));
    await sinks.handle(batch([message], 3));
    expect(await rows('SELECT * FROM rejected_events FINAL ORDER BY kafka_offset LIMIT 1')).toEqual([
      {
        workspace_id: 'w',
        source_id: 'web',
        received_at: at,
        route: '/v1/track',
        reasons,
        raw: 'e30=',
        parsed: '',
        kafka_partition: 0,
        kafka_offset: 3,
        raw_is: '',
        call_index: -1,
        request: '',
      },
    ]);
    expect(await rows('SELECT count() AS rows FROM rejected_events FINAL')).toEqual([{ rows: 2 }]);
  });
});
