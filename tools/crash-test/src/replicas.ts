import { ALL_TOPICS } from '@tributary/contracts';
import type { KafkaConnection } from '@tributary/kafka';
import { setTimeout as delay } from 'node:timers/promises';
import { NotInSyncError } from './crash-test.errors.js';

const WITHIN_MS = 120_000;
const POLL_MS = 200;

/** The id of the broker that leads a partition. */
export async function leaderOf(
  connection: KafkaConnection,
  topic: string,
  partition: number,
): Promise<number> {
  const { topics } = await connection.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
  return topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader ?? 1;
}

/**
 * Resolves when every partition has so many replicas in sync: before that, the loss of another broker would be more
 * than was promised.
 *
 * @throws NotInSyncError
 */
export async function inSync(connection: KafkaConnection, replicas: number): Promise<void> {
  const until = performance.now() + WITHIN_MS;
  let behind: readonly string[] = [];
  do {
    behind = await behindIn(connection, replicas).catch((error: unknown) => [String(error)]);
    if (behind.length === 0) return;
    await delay(POLL_MS);
  } while (performance.now() < until);
  throw new NotInSyncError(behind, WITHIN_MS);
}

async function behindIn(connection: KafkaConnection, replicas: number): Promise<readonly string[]> {
  const names = ALL_TOPICS.map(({ name }) => name);
  const { topics } = await connection.withAdmin((admin) => admin.fetchTopicMetadata({ topics: names }));
  return topics.flatMap(({ name, partitions }) =>
    partitions.filter(({ isr }) => isr.length < replicas).map(({ partitionId }) => `${name}/${partitionId}`),
  );
}
