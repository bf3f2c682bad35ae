import { topicSettings, type Topic } from '@tributary/contracts';
import type { Admin } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { LEADERLESS_MS } from './client-settings.js';
import type { KafkaConnection } from './connection.js';
import { TopicLayoutError } from './kafka.errors.js';
import { isPassing } from './kafkajs-cluster.js';

export interface TopicLayout {
  /** Of every data topic; it never changes in a generation. */
  readonly partitions: number;
  readonly replication: number;
}

/**
 * Creates the topics that are missing and checks the partition count of those that exist.
 *
 * @throws TopicLayoutError where a count differs
 */
export async function ensureTopics(
  connection: KafkaConnection,
  topics: readonly Topic[],
  layout: TopicLayout,
): Promise<void> {
  await connection.withAdmin(async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic.name));
    if (missing.length > 0) await create(admin, missing, layout);
  });
  const names = topics.map((topic) => topic.name);
  const { topics: found } = await patiently(() =>
    connection.withAdmin((admin) => admin.fetchTopicMetadata({ topics: names })),
  );
  for (const { name, partitions } of found) {
    const wanted = partitionsOf(
      topics.find((topic) => topic.name === name),
      layout,
    );
    if (partitions.length !== wanted) throw new TopicLayoutError(name, partitions.length, wanted);
  }
}

function partitionsOf(topic: Topic | undefined, layout: TopicLayout): number {
  return topic?.partitions === 'one' ? 1 : layout.partitions;
}

async function create(admin: Admin, topics: readonly Topic[], layout: TopicLayout): Promise<void> {
  await admin.createTopics({
    waitForLeaders: false,
    topics: topics.map((topic) => ({
      topic: topic.name,
      numPartitions: partitionsOf(topic, layout),
      replicationFactor: layout.replication,
      configEntries: Object.entries(topicSettings(topic)).map(([name, value]) => ({ name, value })),
    })),
  });
}

/** First and next offset of every partition of a topic, by partition. */
export async function logBounds(
  connection: KafkaConnection,
  topic: string,
): Promise<ReadonlyMap<number, { readonly start: number; readonly end: number }>> {
  return patiently(async () => {
    const offsets = await connection.withAdmin(async (admin) => {
      // Of a topic that is not there it says so at once: the offsets are asked for again and again.
      await admin.fetchTopicMetadata({ topics: [topic] });
      return admin.fetchTopicOffsets(topic);
    });
    return new Map(offsets.map((o) => [o.partition, { start: Number(o.low), end: Number(o.high) }]));
  });
}

/** The next offset of every partition of a topic as a group last committed it; a partition without one is absent. */
export async function groupOffsets(
  connection: KafkaConnection,
  groupId: string,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  return patiently(async () => {
    const [found] = await connection.withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    const committed = (found?.partitions ?? []).map(
      ({ partition, offset }) => [partition, Number(offset)] as const,
    );
    return new Map(committed.filter(([, offset]) => offset >= 0));
  });
}

/**
 * Asks again while partitions have no leader or brokers do not know them yet, as just after their creation by another
 * process or when a broker left; for up to a minute.
 */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + LEADERLESS_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || Date.now() > deadline) throw error;
      await delay(100);
    }
  }
}
