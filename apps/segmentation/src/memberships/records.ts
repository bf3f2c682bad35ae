import {
  changeId,
  epochKey,
  membershipKey,
  messageOf,
  toldKey,
  TOPICS,
  type AudienceChangeMessage,
  type EpochMessage,
  type Heard,
  type MembershipMessage,
  type ToldMessage,
} from '@tributary/contracts';
import type { Aggregate } from '@tributary/audiences';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import type { AggregateFact, TraitFact } from '@tributary/profiles';
import type { Change } from './evaluate.js';
import { eventBehind } from './occurrences.js';

/** The messageId of the event behind a fact, where the fact has it; of an aggregate that nobody reads, as of the latest events. */
export function causeOf(fact: string, value: unknown, aggregate?: Aggregate): string | undefined {
  if (fact.startsWith('aggregate/')) return eventBehind(value as AggregateFact, aggregate);
  if (fact.startsWith('trait/')) return (value as TraitFact).messageId;
  return undefined;
}

/** The membership, told for the first time, as the owner's `sequence`-th. */
export function toMembershipRecord(change: Change, { epoch, sequence }: Heard): OutgoingRecord {
  return {
    topic: TOPICS.memberships.name,
    key: membershipKey(change.workspaceId, change.audienceKey, change.profileId),
    partitionKey: scopedKey(change.workspaceId, change.profileId),
    value: JSON.stringify({ ...change, epoch } satisfies MembershipMessage),
    headers: { schema: 'membership@1', epoch: String(epoch), sequence: String(sequence) },
  };
}

/** The change that a membership's record is, told as the owner's `sequence`-th. `place`: of that record. */
export function toChangeRecord(
  change: Change,
  { partition, place, epoch, sequence }: Heard & { readonly partition: number; readonly place: Heard },
): OutgoingRecord {
  const { workspaceId, audienceKey, profileId, member, since, cause, causedBy, movedTo, identifiers } =
    change;
  const message: AudienceChangeMessage = {
    workspaceId,
    id: changeId(partition, place),
    audienceKey,
    profileId,
    change: member ? 'entered' : 'exited',
    at: since,
    cause,
    ...(causedBy === undefined ? {} : { causedBy }),
    ...(movedTo === undefined ? {} : { movedTo }),
    identifiers,
  };
  return {
    topic: TOPICS.changes.name,
    key: scopedKey(workspaceId, profileId),
    value: JSON.stringify(message),
    headers: { schema: 'audience-change@1', epoch: String(epoch), sequence: String(sequence) },
  };
}

/** What was told already, in the place of what a former owner wrote behind it: without a number, so it is no news. */
export function toRepeatRecord(key: string, change: Change | undefined, epoch: number): OutgoingRecord {
  const headers = { schema: 'membership@1', epoch: String(epoch) };
  const value = change ? JSON.stringify({ ...change, epoch } satisfies MembershipMessage) : null;
  return { topic: TOPICS.memberships.name, key, value, headers };
}

export function fromMembershipRecord(record: LogRecord): MembershipMessage {
  return messageOf(record) as MembershipMessage;
}

/** Begins an epoch in a topic; without one, it asks for the number of the next. */
export function toEpochRecord(
  { name }: { readonly name: string },
  partition: number,
  message: Pick<EpochMessage, 'claim' | 'at'>,
  epoch?: number,
): OutgoingRecord {
  return {
    topic: name,
    partition,
    key: epochKey(partition),
    value: JSON.stringify({ workspaceId: '@', ...message } satisfies EpochMessage),
    headers: { schema: 'epoch@1', ...(epoch !== undefined && { epoch: String(epoch) }) },
  };
}

/** How far the changes are told. */
export function toToldRecord(
  partition: number,
  epoch: number,
  told: Omit<ToldMessage, 'workspaceId'>,
): OutgoingRecord {
  return {
    topic: TOPICS.memberships.name,
    partition,
    key: toldKey(partition),
    value: JSON.stringify({ workspaceId: '@', ...told } satisfies ToldMessage),
    headers: { schema: 'told@1', epoch: String(epoch) },
  };
}
