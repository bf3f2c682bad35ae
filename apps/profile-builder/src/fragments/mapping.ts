import { fragmentKey, TOPICS, type AssignmentMessage, type EventMessage } from '@tributary/contracts';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { scopedKey, type Identifier } from '@tributary/kernel';
import type { FoldableEvent, PlacedAssignment, ToldFact } from '@tributary/profiles';

export function fromEventRecord(record: LogRecord): EventMessage {
  return JSON.parse(record.value?.toString('utf8') ?? '') as EventMessage;
}

export function toFoldableEvent(event: EventMessage): FoldableEvent {
  return {
    type: event.type,
    messageId: event.messageId,
    sourceId: event.sourceId,
    timestamp: Date.parse(event.timestamp),
    receivedAt: Date.parse(event.receivedAt),
    traits: event.traits,
    identifiers: event.identifiers as readonly string[] as readonly Identifier[],
  };
}

export function fromAssignmentRecord(record: LogRecord): PlacedAssignment {
  const message = JSON.parse(record.value?.toString('utf8') ?? '') as AssignmentMessage;
  const { profileId, version, formerly, resolvedThrough } = message;
  return { profileId, version, formerly, resolvedThrough: resolvedThrough.offset };
}

export function toFragmentRecord(
  workspaceId: string,
  { profileId, identifier, fact, told }: ToldFact,
): OutgoingRecord {
  return {
    topic: TOPICS.fragments.name,
    key: fragmentKey(workspaceId, profileId, identifier, fact),
    partitionKey: scopedKey(workspaceId, profileId),
    value: told && JSON.stringify({ workspaceId, profileId, identifier, fact, ...told }),
    headers: { schema: 'fragment@1' },
  };
}
