import { compileAggregate, type EventAggregate } from '@tributary/audiences';
import {
  fragmentKey,
  validateEvent,
  messageOf,
  TOPICS,
  type AssignmentMessage,
  type EventMessage,
  type Activation,
} from '@tributary/contracts';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { scopedKey, type Identifier } from '@tributary/kernel';
import type { FoldableEvent, PlacedAssignment, PublishedGroup } from '@tributary/profiles';

/** A record of the log of events, also whether an activated aggregate can be evaluated at all. */
export function validateEventOrAggregate(record: LogRecord): string | undefined {
  const error = validateEvent(record);
  if (error !== undefined || record.headers.schema !== 'activation@1') return error;
  try {
    compileAggregate((messageOf(record) as Activation).definition as unknown as EventAggregate);
    return undefined;
  } catch (thrown) {
    return `the aggregate cannot be evaluated: ${String(thrown)}`;
  }
}

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
    identifiers: event.identifiers as readonly string[] as readonly Identifier[],
  };
}

export function fromAssignmentRecord(record: LogRecord): PlacedAssignment {
  const message = messageOf(record) as AssignmentMessage;
  const { profileId, version, formerly, resolvedThrough } = message;
  return { profileId, version, formerly, resolvedThrough: resolvedThrough.offset };
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
