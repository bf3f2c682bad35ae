import type { Assigner, Cluster, Kafka } from 'kafkajs';

/** Kafka's number of it: records of transactions that are open or were aborted are not for readers. */
export const READ_COMMITTED = 1;

/**
 * What kafkajs 2.2.4 knows of a cluster and its brokers, without a consumer group: a consumer hands it to its assigners
 * when it is made. The consumer itself is never connected. Closing the cluster is the caller's.
 */
export function clusterOf(client: Kafka): Cluster {
  let found: Cluster | undefined;
  const assigner = ({ cluster }: { readonly cluster: Cluster }): Assigner => {
    found = cluster;
    return {
      name: 'tributary-no-group',
      version: 1,
      protocol: () => ({ name: 'tributary-no-group', metadata: Buffer.alloc(0) }),
      assign: () => Promise.resolve([]),
    };
  };
  client.consumer({
    groupId: 'tributary-no-group',
    allowAutoTopicCreation: false,
    partitionAssigners: [assigner],
  });
  if (!found) throw new Error('kafkajs made no assigner with a consumer: is it another version than 2.2.4?');
  return found;
}

/** The broker says that an offset is not in a partition's log. */
export function isOutOfRange(error: unknown): error is { readonly partition: number } {
  return nameOf(error) === 'KafkaJSOffsetOutOfRange';
}

/** The broker closed the connection: kafkajs has to forget it. */
export function isClosedConnection(
  error: unknown,
): error is { readonly host: string; readonly port: number } {
  return nameOf(error) === 'KafkaJSConnectionClosedError';
}

/** Whether what went wrong may pass by itself, and is worth being asked again. */
export function isPassing(error: unknown): boolean {
  if (nameOf(error) === 'KafkaJSNumberOfRetriesExceeded') return isPassing((error as Error).cause);
  return error instanceof Error && 'retriable' in error && error.retriable === true;
}

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}
