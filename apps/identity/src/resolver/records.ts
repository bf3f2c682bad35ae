import {
  messageOf,
  RULES_COPY_ID,
  TOPICS,
  type AssignmentMessage,
  type LinkMessage,
  type RulesCopyMessage,
} from '@tributary/contracts';
import type { Assignment, Message } from '@tributary/identity';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { parseScopedKey, scopedKey, toInstant } from '@tributary/kernel';

/** A message on its way to the identifier that it is addressed to. */
export function toLinkRecord(workspaceId: string, message: Message): OutgoingRecord {
  return {
    topic: TOPICS.links.name,
    key: scopedKey(workspaceId, message.to),
    value: JSON.stringify({ workspaceId, ...message } satisfies { [K in keyof LinkMessage]?: unknown }),
    headers: { schema: 'link@1', kind: message.kind },
  };
}

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

export function fromLinkRecord(record: LogRecord): Message {
  const message = messageOf(record) as Message & { readonly eligible?: boolean };
  // Before eligibilities said why, they said no more than whether.
  return message.kind === 'eligibility' && message.eligible === false
    ? { ...message, refusal: 'limit' }
    : message;
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
