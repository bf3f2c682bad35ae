import { ALL_TOPICS } from '@tributary/contracts';
import type { KafkaConnection } from '@tributary/kafka';
import { eventually } from '@tributary/testing';

const WITHIN_MS = 120_000;

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
 * @throws Error that names partitions that lack some
 */
export async function inSync(connection: KafkaConnection, replicas: number): Promise<void> {
  await eventually(() => behindIn(connection, replicas), {
    ...{ until: ({ length }) => length === 0, withinMs: WITHIN_MS },
    what: 'every replica in sync',
  });
}

async function behindIn(connection: KafkaConnection, replicas: number): Promise<readonly string[]> {
  const names = ALL_TOPICS.map(({ name }) => name);
  const { topics } = await connection.withAdmin((admin) => admin.fetchTopicMetadata({ topics: names }));
  return topics.flatMap(({ name, partitions }) =>
    partitions.filter(({ isr }) => isr.length < replicas).map(({ partitionId }) => `${name}/${partitionId}`),
  );
}
