import {
  changeId,
  EpochReader,
  TOPICS,
  type AudienceChangeMessage,
  type Heard,
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

/** A membership as it was told, and the id of the change that has to follow from it. */
export interface MembershipRecord {
  readonly id: string;
  readonly said: MembershipMessage;
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
      messageOf(TOPICS.profiles, 'merged-profile@1', record) ??
      messageOf(TOPICS.profiles, 'empty-profile@1', record);
    if (profile && profile.version >= (latest.get(record.key)?.version ?? -1))
      latest.set(record.key, profile);
  });
  return [...latest.values()];
}

/** Memberships as a reader has them that heeds the rule, in order, and how far it was in each partition. */
export interface ToldMemberships {
  readonly records: readonly MembershipRecord[];
  readonly heard: (partition: number) => Heard;
}

/** What the owners told of memberships. */
export async function readMemberships(connection: KafkaConnection): Promise<ToldMemberships> {
  const records: MembershipRecord[] = [];
  const reader = new EpochReader();
  await readTopic(connection, TOPICS.memberships, (record) => {
    if (!reader.isNews(record)) return;
    const said = messageOf(TOPICS.memberships, 'membership@1', record);
    if (said) records.push({ id: changeId(record.partition, reader.heard(record.partition)), said });
  });
  return { records, heard: (partition) => reader.heard(partition) };
}

export function readChanges(connection: KafkaConnection): Promise<readonly AudienceChangeMessage[]> {
  return readMessages(connection, TOPICS.changes, 'audience-change@1');
}
