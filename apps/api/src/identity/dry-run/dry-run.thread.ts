import { createClickHouse } from '@tributary/clickhouse';
import { parentPort, workerData } from 'node:worker_threads';
import { countPairs, readPairs } from './clickhouse.pairs.js';
import { LinkList } from './link-list.js';
import { reportOf } from './dry-run-report.js';
import type { Told, ThreadOrder } from './thread.dry-runs.js';

const { clickhouse, order } = workerData as ThreadOrder;
const client = createClickHouse({ ...clickhouse, application: 'tributary-api-dry-run' });

/** Undefined once the reason why there are none was sent. */
async function read(to: (told: Told) => void): Promise<LinkList | undefined> {
  try {
    const pairs = await countPairs(client, order.workspaceId);
    if (pairs > order.mostLinks) {
      to({ tooMany: pairs });
      return undefined;
    }
    const links = new LinkList();
    for await (const pair of readPairs(client, order.workspaceId)) links.add(pair);
    return links;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    to({ error: error.message, ...('code' in error ? { code: String(error.code) } : {}) });
    return undefined;
  } finally {
    await client.close();
  }
}

const links = await read((told) => {
  parentPort?.postMessage(told);
});
if (links) parentPort?.postMessage({ report: reportOf(links, order) } satisfies Told);
