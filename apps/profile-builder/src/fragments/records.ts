import { isPartOf, type Occurring } from '@tributary/audiences';
import {
  accountKey,
  activeAggregateKey,
  fragmentKey,
  messageOf,
  validateSeed,
  TOPICS,
  type AccountCallMessage,
  type ActiveAggregateMessage,
  type AssignmentMessage,
  type EventMessage,
  type SeededMessage,
  type SeedMessage,
} from '@tributary/contracts';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { scopedKey, type Identifier } from '@tributary/kernel';
import type { ActiveAggregate } from './active-aggregates.js';
import {
  accountNamedBy,
  type FoldableEvent,
  type PlacedAssignment,
  type PublishedGroup,
} from '@tributary/profiles';

export function fromEventRecord(record: LogRecord): EventMessage {
  return messageOf(record) as EventMessage;
}

export function toFoldableEvent(event: EventMessage): FoldableEvent {
  return {
    type: event.type,
    messageId: event.messageId,
    sourceId: event.sourceId,
    timestamp: Date.parse(event.timestamp),
    receivedAt: Date.parse(event.receivedAt),
    sequence: event.sequence ?? 0,
    traits: event.traits,
    groupId: event.groupId,
    identifiers: event.identifiers as readonly string[] as readonly Identifier[],
  };
}

/** What a group call says of its account; nothing of another call. */
export function toAccountCallRecords(event: EventMessage): readonly OutgoingRecord[] {
  const { workspaceId, groupId, messageId, sourceId, receivedAt, sequence, traits = {} } = event;
  if (groupId === undefined || accountNamedBy(event) === undefined) return [];
  const said: AccountCallMessage = {
    ...{ workspaceId, groupId, traits, at: event.timestamp, receivedAt },
    ...(sequence !== undefined && { sequence }),
    ...{ messageId, sourceId },
  };
  return [
    {
      topic: TOPICS.accountFacts.name,
      key: accountKey(workspaceId, groupId),
      value: JSON.stringify(said),
      headers: { schema: 'account-call@1' },
    },
  ];
}

/** An event as an aggregate counts it: with the same id in every fragment of a profile. */
export function toOccurrence({ messageId, deduplicationId = messageId, ...event }: EventMessage): Occurring {
  return {
    time: Date.parse(event.timestamp),
    receivedAt: Date.parse(event.receivedAt),
    sequence: event.sequence ?? 0,
    id: deduplicationId,
    messageId,
    sourceId: event.sourceId,
  };
}

/** Whether a record of `profile.seeds.v1` says that all seeds of an aggregate are in. */
export function isSeededRecord({ headers }: Pick<LogRecord, 'headers'>): boolean {
  return headers.schema === 'seeded@1';
}

export function fromSeededRecord(record: LogRecord): SeededMessage {
  return messageOf(record) as SeededMessage;
}

/** A seed, also whether its entries are of its kind: nobody looks at them again. */
export function validateSeedOfKind(record: LogRecord): string | undefined {
  const error = validateSeed(record);
  if (error !== undefined || isSeededRecord(record)) return error;
  const { kind, as, part } = fromSeedRecord(record);
  return isPartOf(kind, as, part) ? undefined : `an entry is not one of ${kind}`;
}

export function fromSeedRecord(record: LogRecord): SeedMessage {
  return messageOf(record) as SeedMessage;
}

export function fromAssignmentRecord(record: LogRecord): PlacedAssignment {
  const message = messageOf(record) as AssignmentMessage;
  const { profileId, version, formerly, resolvedThrough, at } = message;
  return { profileId, version, formerly, resolvedThrough: resolvedThrough.offset, at: Date.parse(at) };
}

export function toFragmentRecord(
  workspaceId: string,
  { profileId, identifier, group, facts }: PublishedGroup,
): OutgoingRecord {
  return {
    topic: TOPICS.fragments.name,
    key: fragmentKey(workspaceId, profileId, identifier, group),
    partitionKey: scopedKey(workspaceId, profileId),
    value: facts && JSON.stringify({ workspaceId, profileId, identifier, facts }),
    headers: { schema: 'fragment@1' },
  };
}

/** An aggregate as a partition folds it now. */
export function toActiveAggregateRecord(
  { workspaceId, aggregate, since, generations, known }: ActiveAggregate,
  partition: number,
): OutgoingRecord {
  const { hash } = aggregate;
  const { generation = 0, bound = 0, offset = 0 } = generations.at(-1) ?? {};
  const definition = { ...aggregate };
  const message: ActiveAggregateMessage = {
    ...{ workspaceId, aggregate: hash, definition, partition },
    ...{ generation, bound, offset, since },
    ...(known && { known: known.bound }),
  };
  return { ...aggregateRecord(workspaceId, hash, partition), value: JSON.stringify(message) };
}

/** An aggregate that a partition folds no more. */
export function toRetiredAggregateRecord(
  { workspaceId, aggregate }: ActiveAggregate,
  partition: number,
): OutgoingRecord {
  return { ...aggregateRecord(workspaceId, aggregate.hash, partition), value: null };
}

function aggregateRecord(workspaceId: string, hash: string, partition: number) {
  const key = activeAggregateKey(workspaceId, hash, partition);
  return { topic: TOPICS.aggregates.name, partition, key, headers: { schema: 'active-aggregate@1' } };
}
