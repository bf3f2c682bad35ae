import {
  isEpochKey,
  isRepeat,
  sequenceOf,
  TOPICS,
  type AudienceChangeMessage,
  type MembershipMessage,
} from '@tributary/contracts';
import { logBounds, readPartition, type KafkaConnection, type LogRecord } from '@tributary/kafka';
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

/** Reads a topic to its present end, every partition in order. */
async function readTopic(
  connection: KafkaConnection,
  topic: string,
  onRecord: (record: LogRecord) => void,
): Promise<void> {
  const bounds = await logBounds(connection, topic);
  for (const [partition, { start, end }] of bounds) {
    await readPartition(connection, { topic, partition, from: start, to: end }, onRecord);
  }
}

function valueOf({ value }: LogRecord): unknown {
  return value ? JSON.parse(value.toString('utf8')) : undefined;
}

/** How often each event is in the log. */
export async function readEvents(connection: KafkaConnection): Promise<Map<string, number>> {
  const count = new Map<string, number>();
  await readTopic(connection, TOPICS.events.name, ({ key, headers }) => {
    if (headers.schema !== 'event@1') return;
    const entry = entryOf(key, headers.messageId ?? '');
    count.set(entry, (count.get(entry) ?? 0) + 1);
  });
  return count;
}

/** The profiles as a reader has them who keeps the highest version of each, the later one of two that are equal. */
export async function readProfiles(connection: KafkaConnection): Promise<readonly ProfileCount[]> {
  const latest = new Map<string, ProfileCount>();
  await readTopic(connection, TOPICS.profiles.name, (record) => {
    const profile = valueOf(record) as ProfileCount | undefined;
    if (profile && profile.version >= (latest.get(record.key)?.version ?? -1))
      latest.set(record.key, profile);
  });
  return [...latest.values()];
}

export async function readMemberships(connection: KafkaConnection): Promise<readonly MembershipRecord[]> {
  const records: MembershipRecord[] = [];
  const sequences = new Map<number, number>();
  await readTopic(connection, TOPICS.memberships.name, (record) => {
    const { partition, offset } = record;
    // Written again over what another wrote, and no change.
    if (isRepeat(record)) return;
    if (isEpochKey(record.key)) sequences.delete(partition);
    const sequence = sequenceOf(record) ?? NaN;
    // Of a request that was sent again, although its first attempt had been written.
    if (sequence <= (sequences.get(partition) ?? 0)) return;
    if (sequence > 0) sequences.set(partition, sequence);
    const said = isEpochKey(record.key) ? undefined : (valueOf(record) as MembershipMessage | undefined);
    records.push({ id: `${partition}-${offset}`, partition, offset, ...(said && { said }) });
  });
  return records;
}

export async function readChanges(connection: KafkaConnection): Promise<readonly AudienceChangeMessage[]> {
  const changes: AudienceChangeMessage[] = [];
  await readTopic(connection, TOPICS.changes.name, (record) => {
    const change = valueOf(record) as AudienceChangeMessage | undefined;
    if (change) changes.push(change);
  });
  return changes;
}
