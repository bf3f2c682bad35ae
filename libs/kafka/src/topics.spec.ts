import { describe, expect, it } from '@jest/globals';
import { TOPICS, type Topic } from '@tributary/contracts';
import { kafkaBrokers, uniqueName } from '@tributary/testing';
import { KafkaConnection } from './connection.js';
import { ConfigResourceTypes } from './kafkajs.js';
import { ensureTopics, groupOffsets, logBounds } from './topics.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('topics') });
const named = (topic: Topic): Topic => ({ ...topic, name: uniqueName('topics') });

describe('ensureTopics', () => {
  it('creates what is missing, data topics with the layout’s partitions and control topics with one', async () => {
    const data = named(TOPICS.events);
    const control = named(TOPICS.audiences);
    await ensureTopics(connection, [data, control], { partitions: 3, replication: 1 });
    expect([...(await logBounds(connection, data.name)).keys()].sort()).toEqual([0, 1, 2]);
    expect([...(await logBounds(connection, control.name)).keys()]).toEqual([0]);
  });

  it('lets no record of a compacted topic be compacted within a day', async () => {
    const topic = named(TOPICS.assignments);
    await ensureTopics(connection, [topic], { partitions: 1, replication: 1 });
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic.name }];
    const { resources: found } = await connection.withAdmin((admin) =>
      admin.describeConfigs({ includeSynonyms: false, resources }),
    );
    const settings = new Map(found[0]?.configEntries.map((e) => [e.configName, e.configValue]));
    expect(settings.get('cleanup.policy')).toBe('compact');
    expect(settings.get('min.compaction.lag.ms')).toBe('86400000');
    expect(settings.get('delete.retention.ms')).toBe('604800000');
  });

  it('leaves topics that are as they should be', async () => {
    const topic = named(TOPICS.events);
    await ensureTopics(connection, [topic], { partitions: 2, replication: 1 });
    await expect(
      ensureTopics(connection, [topic], { partitions: 2, replication: 1 }),
    ).resolves.toBeUndefined();
  });

  it('refuses a partition count that differs, and says what to set', async () => {
    const topic = named(TOPICS.events);
    await ensureTopics(connection, [topic], { partitions: 2, replication: 1 });
    await expect(ensureTopics(connection, [topic], { partitions: 4, replication: 1 })).rejects.toThrow(
      `topic ${topic.name} has 2 partitions and the settings say 4: set KAFKA_PARTITIONS=2, or start a new generation`,
    );
  });
});

describe('groupOffsets', () => {
  it('tells what a group committed, and nothing of partitions where it did not', async () => {
    const topic = named(TOPICS.events);
    const groupId = uniqueName('group');
    await ensureTopics(connection, [topic], { partitions: 2, replication: 1 });
    await connection.withAdmin((admin) =>
      admin.setOffsets({ groupId, topic: topic.name, partitions: [{ partition: 1, offset: '7' }] }),
    );
    expect([...(await groupOffsets(connection, groupId, topic.name))]).toEqual([[1, 7]]);
  });
});
