import type { TablesDriver } from '@tributary/drivers';
import { readFileSync } from 'node:fs';

/** A table of the customers of CDNOW, as `libs/audiences` has it for its specs: see `cdnow.spec.ts` there. */
export const readTable = (name: string): readonly (readonly string[])[] =>
  readFileSync(new URL(`../../../libs/audiences/test/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));

const BEGIN = Date.UTC(1997, 0, 1);
const COLUMNS: [string, ...string[]] = [
  'workspace_id',
  ...[
    'identifier',
    'message_id',
    'deduplication_id',
    'type',
    'event',
    'timestamp',
    'received_at',
    'properties',
  ],
];

/** Their purchases up to an instant, as orders of the workspace `w`. */
export async function storeCustomers(tables: TablesDriver, until = Infinity): Promise<void> {
  const rows = readTable('cdnow.txt').flatMap(([id = '', ...purchases]) =>
    purchases.map((one, i) => {
      const [day = 0, cents = 0] = one.split(':').map(Number);
      return {
        ...{ workspace_id: 'w', identifier: `user_id:${id}`, message_id: `${i}`, deduplication_id: `${i}` },
        ...{ type: 'track', event: 'Order Completed', timestamp: BEGIN + day * 86_400_000, received_at: 0 },
        properties: JSON.stringify({ revenue: (cents / 100).toFixed(2) }),
      };
    }),
  );
  const values = rows.filter(({ timestamp }) => timestamp <= until);
  await tables.client.insert({ table: 'events_log', values, format: 'JSONEachRow', columns: COLUMNS });
}
