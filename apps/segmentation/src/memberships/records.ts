import {
  epochKey,
  membershipKey,
  messageOf,
  TOPICS,
  type EpochMessage,
  type MembershipMessage,
} from '@tributary/contracts';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { scopedKey, toInstant } from '@tributary/kernel';
import type { AggregateFact, TraitFact } from '@tributary/profiles';
import type { Change } from './evaluate.js';
import { latestIdOf } from './occurrences.js';

/** The messageId of the event behind a fact, where the fact has it. */
export function causeOf(fact: string, value: unknown): string | undefined {
  if (fact.startsWith('aggregate/')) return latestIdOf(value as AggregateFact);
  if (fact.startsWith('trait/')) return (value as TraitFact).messageId;
  return undefined;
}

/** `sequence` numbers what an owner says in its epoch: a request that is sent again writes the same number again. */
export function toMembershipRecord(change: Change, epoch: number, sequence: number): OutgoingRecord {
  const message: MembershipMessage = { ...change, epoch };
  return {
    topic: TOPICS.memberships.name,
    key: membershipKey(change.workspaceId, change.audienceKey, change.profileId),
    partitionKey: scopedKey(change.workspaceId, change.profileId),
    value: JSON.stringify(message),
    headers: { schema: 'membership@1', sequence: String(sequence) },
  };
}

/** What was published already, in the place of what a former owner wrote behind it: no change follows from it. */
export function toRepeatRecord(key: string, change: Change | undefined, epoch: number): OutgoingRecord {
  const headers = { schema: 'membership@1', repeat: 'true' };
  const value = change ? JSON.stringify({ ...change, epoch } satisfies MembershipMessage) : null;
  return { topic: TOPICS.memberships.name, key, value, headers };
}

export function fromMembershipRecord(record: LogRecord): MembershipMessage {
  return messageOf(record) as MembershipMessage;
}

export function toEpochRecord(partition: number, claim: string, now: number): OutgoingRecord {
  const message: EpochMessage = { workspaceId: '@', claim, at: toInstant(now) };
  return {
    topic: TOPICS.memberships.name,
    partition,
    key: epochKey(partition),
    value: JSON.stringify(message),
    headers: { schema: 'epoch@1' },
  };
}
