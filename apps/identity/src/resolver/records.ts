import {
  messageOf,
  RULES_COPY_ID,
  TOPICS,
  type AssignmentMessage,
  type LinkMessage,
  type RulesCopyMessage,
} from '@tributary/contracts';
import type { Assignment, Received } from '@tributary/identity';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { parseScopedKey, scopedKey, toInstant } from '@tributary/kernel';
import { fromFactsPart } from './facts.js';

/** The rules in force, as of the place that they get in a partition. */
export function toRulesCopyRecord(copy: RulesCopyMessage, partition: number): OutgoingRecord {
  return {
    topic: TOPICS.links.name,
    key: scopedKey(copy.workspaceId, RULES_COPY_ID),
    partition,
    value: JSON.stringify(copy),
    headers: { schema: 'rules-copy@1' },
  };
}

/** What a record says to the identifier that it is addressed to. */
export function fromLinkRecord(record: LogRecord): readonly Received[] {
  const { messages } = messageOf(record) as LinkMessage;
  return messages.map((part) =>
    part.kind === 'facts' ? fromFactsPart(part) : (part as unknown as Received),
  );
}

/** Where an identifier belongs; `cause` is the message that brought it about, in the identifier's own partition. */
export function toAssignmentRecord(
  cause: Pick<LogRecord, 'key' | 'partition' | 'timestamp'>,
  assignment: Assignment,
): OutgoingRecord {
  const { workspaceId, id } = parseScopedKey(cause.key);
  const { profileId, version, reason, formerly, resolvedThrough } = assignment;
  const message: AssignmentMessage = {
    workspaceId,
    identifier: id,
    profileId,
    version,
    reason,
    formerly: [...formerly],
    resolvedThrough: { partition: cause.partition, offset: resolvedThrough },
    at: toInstant(cause.timestamp),
  };
  return {
    topic: TOPICS.assignments.name,
    key: cause.key,
    value: JSON.stringify(message),
    headers: { schema: 'assignment@1' },
  };
}
