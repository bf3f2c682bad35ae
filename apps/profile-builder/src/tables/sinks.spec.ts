import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { createClickHouse, IDENTITY_ASSIGNMENTS_SCHEMA, TABLES_SETTINGS } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import { BatchingProducer, ensureTopics, KafkaConnection } from '@tributary/kafka';
import { ClickHouseModule, KafkaModule, SinksModule } from '@tributary/processing';
import { readSettings, startService, type RunningService } from '@tributary/service';
import { clickhouseUrl, eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { PROFILE_BUILDER_SCHEMA } from './migrations.js';
import { PROFILE_BUILDER_SINKS } from './sinks.js';

const database = uniqueName('sink');
const workspaceId = uniqueName('workspace');
const at = '2026-01-02T03:04:05.678Z';

describe("the profile-builder's sinks", () => {
  const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('sink-spec') });
  const producer = new BatchingProducer(connection);
  const client = createClickHouse({ url: clickhouseUrl(), database });
  const groupId = uniqueName('profile-builder-tables');
  let service: RunningService | undefined;

  @Module({
    imports: [
      KafkaModule.register({ clientId: 'sink-spec' }),
      ClickHouseModule.register({
        service: 'sink-spec',
        schemas: [IDENTITY_ASSIGNMENTS_SCHEMA, PROFILE_BUILDER_SCHEMA],
      }),
      SinksModule.register({ groupId, sinks: PROFILE_BUILDER_SINKS }),
    ],
  })
  class SpecModule {}

  const start = async () => {
    const config = readSettings(TABLES_SETTINGS, {
      KAFKA_BROKERS: kafkaBrokers().join(','),
      CLICKHOUSE_URL: clickhouseUrl(),
      CLICKHOUSE_DATABASE: database,
      LOG_LEVEL: 'error',
      TABLES_LINGER_MS: '20',
      TABLES_EVERY_MS: '20',
    });
    if (!config.ok) throw new Error(config.error.join('\n'));
    return startService(
      {
        name: 'sink-spec',
        settings: TABLES_SETTINGS,
        module: () => SpecModule,
        listen: { port: () => 0 },
      },
      config.value,
    );
  };
  const send = (messageIds: readonly string[]) =>
    producer.send(
      messageIds.map((messageId) => {
        const identifier = `user_id:${messageId}`;
        const event = {
          workspaceId,
          sourceId: 'web',
          type: 'track',
          messageId,
          event: 'Ordered',
          context: {},
          timestamp: at,
          receivedAt: at,
          identifiers: [identifier],
        };
        return {
          topic: TOPICS.events.name,
          key: `${workspaceId}/${identifier}`,
          value: JSON.stringify(event),
          headers: { schema: 'event@1' },
        };
      }),
    );
  const stored = async () => {
    const result = await client.query({
      query:
        'SELECT message_id FROM events_log WHERE workspace_id = {workspaceId:String} ORDER BY message_id',
      query_params: { workspaceId },
      format: 'JSONEachRow',
    });
    return (await result.json<{ message_id: string }>()).map((row) => row.message_id);
  };

  beforeAll(async () => {
    await ensureTopics(connection, [TOPICS.events, TOPICS.profiles, TOPICS.accounts], {
      partitions: 8,
      replication: 1,
    });
    await producer.connect();
  });

  afterAll(async () => {
    await service?.close();
    await producer.disconnect();
    await client.command({ query: `DROP DATABASE IF EXISTS \`${database}\`` });
    await client.close();
  });

  it('carry events from Kafka into the table, and go on after a restart without writing one again', async () => {
    const first = Array.from({ length: 50 }, (_, i) => `a${String(i).padStart(2, '0')}`);
    service = await start();
    await send(first);
    await eventually(stored, { until: ({ length }) => length === first.length });
    expect(await stored()).toEqual(first);
    await service.close();
    service = await start();
    await send(['b00']);
    await eventually(stored, { until: (ids) => ids.includes('b00') });
    expect(await stored()).toEqual([...first, 'b00']);
  }, 60_000);
});
