import type { ClickHouseClient } from '@clickhouse/client';
import { TOPICS } from '@tributary/contracts';
import type { Bounds } from '../log/log.port.js';
import type { Comparison } from '../compare/comparison.js';
import type { EventIntake } from '../recompute/event-intake.js';
import { select } from './rows.js';

/**
 * Every event that is the first with its deduplication id has its row, and no row is of another, but for events that are
 * forgotten and came late: by the offsets of each partition.
 */
export async function compareEventsTable(
  comparison: Comparison,
  clickhouse: ClickHouseClient,
  { cut, firsts, late }: { readonly cut: ReadonlyMap<number, Bounds> } & Pick<EventIntake, 'firsts' | 'late'>,
): Promise<void> {
  const { db } = comparison.scratch;
  const expectedOffsets = db.prepare(
    'SELECT "offset" AS first FROM events WHERE partition = ? AND "offset" >= ? AND nth = 0',
  );
  for (const [partition, { start, end }] of cut) {
    const params = { partition, start, end };
    const scope = `FROM events_log FINAL WHERE kafka_partition = {partition:UInt16}
      AND kafka_offset >= {start:UInt64} AND kafka_offset < {end:UInt64}`;
    const [found] = await select<{ rows: number; sum: number }>(
      clickhouse,
      `SELECT count() AS rows, sum(kafka_offset) AS sum ${scope}`,
      params,
    );
    const expected = firsts.get(partition) ?? { rows: 0, sum: 0 };
    comparison.count('rows of events', expected.rows);
    if (Number(found?.rows) === expected.rows && Number(found?.sum) === expected.sum) continue;
    const rows = await select<{ at: number }>(clickhouse, `SELECT kafka_offset AS at ${scope}`, params);
    const inTable = new Set(rows.map(({ at }) => at));
    const inLog = expectedOffsets.all(partition, start) as { readonly first: number }[];
    for (const { first } of inLog) {
      if (!inTable.delete(first)) differ(comparison, `${partition}/${first}`, 'a row', 'no row');
    }
    for (const at of inTable)
      if (!late.has(`${partition}/${at}`))
        differ(comparison, `${partition}/${at}`, 'no row: a duplicate, or no event', 'a row');
  }
}

function differ(comparison: Comparison, place: string, expected: string, found: string): void {
  const key = `${TOPICS.events.name} ${place}`;
  comparison.differ({ subject: 'events', key, where: 'table events', expected, found });
}
