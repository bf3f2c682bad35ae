import { isEpochKey, TOPICS, validateMembership, type MembershipMessage } from '@tributary/contracts';
import type { Logs } from '@tributary/kafka';
import { randomUUID } from 'node:crypto';
import type { PartitionState } from './profile-state.js';
import { fromMembershipRecord, toEpochRecord } from './records.js';

/** Claims the memberships partition; the epoch record's offset is the epoch. */
export async function beginEpoch(logs: Logs, partition: number, now: number): Promise<number> {
  const [offset] = await logs.send([toEpochRecord(partition, randomUUID(), now)]);
  if (offset === undefined)
    throw new Error(`the epoch record of memberships partition ${partition} was not acknowledged`);
  return offset;
}

/**
 * What owners published since the state, before an epoch of the partition. A zombie's word after another's epoch record does
 * not count.
 */
export async function readPublished(
  logs: Logs,
  partition: number,
  { membershipsOffset: from, epoch: before }: PartitionState,
  to: number,
  onPublished: (published: MembershipMessage) => void,
): Promise<void> {
  let epoch = before;
  await logs.read({ topic: TOPICS.memberships.name, partition, from, to }, (record) => {
    if (isEpochKey(record.key)) {
      epoch = record.offset;
      return;
    }
    // Not another's to read, the changes processor keeps it aside: here it has published nothing.
    if (!record.value || validateMembership(record) !== undefined) return;
    const published = fromMembershipRecord(record);
    if (published.epoch >= epoch) onPublished(published);
  });
}
