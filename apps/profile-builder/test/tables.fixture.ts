import { createClickHouse, IDENTITY_ASSIGNMENTS_SCHEMA, sinksOf, Tables } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import type { LogRecord, PartitionBatch } from '@tributary/kafka';
import { clickhouseUrl, uniqueName } from '@tributary/testing';
import { Registry } from 'prom-client';
import { PROFILE_BUILDER_SCHEMA } from '../src/tables/migrations.js';
import { PROFILE_BUILDER_SINKS } from '../src/tables/sinks.js';

export const at = '2026-01-02T03:04:05.678Z';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function event(messageId: string, identifier: string, more: object = {}) {
  return {
    workspaceId: 'w',
    sourceId: 'web',
    type: 'track',
    messageId,
    event: 'Ordered',
    context: {},
    timestamp: at,
    receivedAt: at,
    identifiers: [identifier],
    ...more,
  };
}

export function batch(values: readonly object[], from = 0, partition = 0, schema?: string) {
  const records = values.map((value, i): LogRecord => ({
    topic: 't',
    partition,
    offset: from + i,
    key: 'k',
    value: Buffer.from(JSON.stringify(value)),
    headers: schema === undefined ? {} : { schema },
    timestamp: 0,
  }));
  return { topic: 't', partition, records, endOffset: from + values.length, logEnd: from + values.length };
}

/** The tables in a database of their own, with the sinks that fill them. */
export function tablesOfSpec() {
  const clickhouse = { url: clickhouseUrl(), database: uniqueName('profile_builder') };
  const tables = new Tables({
    clickhouse,
    schemas: [IDENTITY_ASSIGNMENTS_SCHEMA, PROFILE_BUILDER_SCHEMA],
    logger: silent,
    registry: new Registry(),
    lingerMs: 5,
  });
  const sinks = sinksOf(tables, PROFILE_BUILDER_SINKS);
  const client = createClickHouse(clickhouse);
  return {
    events: { handle: (of: PartitionBatch) => sinks.handle({ ...of, topic: TOPICS.events.name }) },
    profiles: { handle: (of: PartitionBatch) => sinks.handle({ ...of, topic: TOPICS.profiles.name }) },
    client,
    rows: async (query: string) =>
      (await client.query({ query, format: 'JSONEachRow' })).json<Readonly<Record<string, unknown>>>(),
    create: async () => {
      tables.onModuleInit();
      await tables.prepared;
    },
    drop: async () => {
      await client.command({ query: `DROP DATABASE IF EXISTS \`${clickhouse.database}\`` });
      await client.close();
      await tables.onApplicationShutdown();
    },
  };
}
