import { placeOf, type Assignment } from './assigned-places.js';
import type { KafkaConnection } from './connection.js';
import { groupOffsets, logBounds } from './topics.js';

/** Where each partition of a member is. Of one of which nothing was handled yet, the group knows it, unless there is an owner. */
export async function whereabouts(
  {
    connection,
    groupId,
    owner,
  }: { readonly connection: KafkaConnection; readonly groupId: string; readonly owner?: unknown },
  assignment: Assignment,
  positions: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const [topic, partitions] of owner ? [] : Object.entries(assignment)) {
    const unknown = partitions.filter((partition) => !positions.has(placeOf(topic, partition)));
    if (unknown.length === 0) continue;
    const committed = await groupOffsets(connection, groupId, topic);
    const bounds = await logBounds(connection, topic);
    for (const p of unknown) found.set(placeOf(topic, p), committed.get(p) ?? bounds.get(p)?.start ?? 0);
  }
  return new Map([...found, ...positions]);
}
