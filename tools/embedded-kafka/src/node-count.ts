import { access } from 'node:fs/promises';
import { join } from 'node:path';

import { layout } from './broker.config.js';
import { NodeCountError } from './embedded-kafka.errors.js';

/** How many brokers a cluster of our own has, when it is not one broker alone. */
export const CLUSTER_NODES = 3;

/**
 * Throws where a folder holds the records of another number of brokers.
 *
 * @throws NodeCountError
 */
export async function assertNodes(dataDir: string, wanted: 1 | typeof CLUSTER_NODES): Promise<void> {
  const other = wanted === 1 ? layout(join(dataDir, '1')).meta : layout(dataDir).meta;
  const holds = await access(other).then(
    () => true,
    () => false,
  );
  if (holds) throw new NodeCountError(dataDir, wanted === 1 ? CLUSTER_NODES : 1, wanted);
}
