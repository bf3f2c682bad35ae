import {
  isEpochKey,
  isRepeat,
  sequenceOf,
  TOPICS,
  type AudienceChangeMessage,
  type MembershipMessage,
} from '@tributary/contracts';
import { messageOf, readMessages, readTopic } from '@tributary/harness';
import type { KafkaConnection } from '@tributary/kafka';
import { entryOf } from './ledger.js';

/** A profile's latest record, as far as the checks care. */
export interface ProfileCount {
  readonly profileId: string;
  readonly version: number;
  readonly mergedInto?: string;
  readonly eventCount?: number;
}

/** One record of `audience.memberships.v1`: an epoch record, or what an owner said under its epoch. */
export interface MembershipRecord {
  readonly id: string;
  readonly partition: number;
  readonly offset: number;
  /** Absent: an epoch record. */
  readonly said?: MembershipMessage;
}

/** How often each event is in the log. */
export async function readEvents(connection: KafkaConnection): Promise<Map<string, number>> {
  const count = new Map<string, number>();
  await readTopic(connection, TOPICS.events, ({ key, headers }) => {
    if (headers.schema !== 'event@1') return;
    const entry = entryOf(key, headers.messageId ?? '');
    count.set(entry, (count.get(entry) ?? 0) + 1);
  });
  return count;
}

/** The profiles as a reader has them who keeps the highest version of each, the later one of two that are equal. */
export async function readProfiles(connection: KafkaConnection): Promise<readonly ProfileCount[]> {
  const latest = new Map<string, ProfileCount>();
  await readTopic(connection, TOPICS.profiles, (record) => {
    const profile: ProfileCount | undefined =
      messageOf(TOPICS.profiles, 'profile@1', record) ??
      messageOf(TOPICS.profiles, 'merged-profile@1', record);
    if (profile && profile.version >= (latest.get(record.key)?.version ?? -1))
      latest.set(record.key, profile);
  });
  return [...latest.values()];
}

export async function readMemberships(connection: KafkaConnection): Promise<readonly MembershipRecord[]> {
  const records: MembershipRecord[] = [];
  const sequences = new Map<number, number>();
  await readTopic(connection, TOPICS.memberships, (record) => {
    const { partition, offset } = record;
    // Written again over what another wrote, and no change.
    if (isRepeat(record)) return;
    if (isEpochKey(record.key)) sequences.delete(partition);
    const sequence = sequenceOf(record) ?? NaN;
    // Of a request that was sent again, although its first attempt had been written.
    if (sequence <= (sequences.get(partition) ?? 0)) return;
    if (sequence > 0) sequences.set(partition, sequence);
    const said = messageOf(TOPICS.memberships, 'membership@1', record);
    records.push({ id: `${partition}-${offset}`, partition, offset, ...(said && { said }) });
  });
  return records;
}

export function readChanges(connection: KafkaConnection): Promise<readonly AudienceChangeMessage[]> {
  return readMessages(connection, TOPICS.changes, 'audience-change@1');
}
