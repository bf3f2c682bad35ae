import type { EventLeaf } from '@tributary/audiences';
import { TOPICS, type LeafAnnouncement } from '@tributary/contracts';
import type { OutgoingRecord } from '@tributary/kafka';

/** A control record of each leaf in every partition of the event log: from there on, the leaf is folded. */
export function announcementsOf(
  workspaceId: string,
  leaves: readonly EventLeaf[],
  partitions: number,
): readonly OutgoingRecord[] {
  return leaves.flatMap((leaf) => {
    const announcement: LeafAnnouncement = { workspaceId, leaf: leaf.hash, definition: { ...leaf } };
    const value = JSON.stringify(announcement);
    return Array.from({ length: partitions }, (_, partition) => ({
      topic: TOPICS.events.name,
      key: `@leaf/${leaf.hash}`,
      partition,
      value,
      headers: { schema: 'leaf-announcement@1' },
    }));
  });
}
