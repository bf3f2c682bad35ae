import { CLUSTER_NODES } from '@tributary/embedded-kafka';
import { NodesError } from './supervisor.errors.js';

/** How many brokers a Kafka of our own has. */
export type Nodes = 1 | typeof CLUSTER_NODES;

/**
 * The number of brokers as `KAFKA_NODES` has it; empty counts as not set.
 *
 * @throws NodesError
 */
export function readNodes(text: string | undefined): Nodes {
  if (text === undefined || text === '' || text === '1') return 1;
  if (text === String(CLUSTER_NODES)) return CLUSTER_NODES;
  throw new NodesError(`KAFKA_NODES is "${text}", and must be 1 or ${CLUSTER_NODES}`);
}
