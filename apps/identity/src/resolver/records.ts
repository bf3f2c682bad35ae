import {
  messageOf,
  RULES_COPY_ID,
  TOPICS,
  type AssignmentMessage,
  type LinkMessage,
  type PartingMessage,
  type RulesCopyMessage,
} from '@tributary/contracts';
import { markOf, type Assignment, type Received } from '@tributary/identity';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { baseOf, parseScopedKey, scopedKey, toInstant, type Identifier } from '@tributary/kernel';
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

/** What a record says, and to which generation of an identifier. */
export function fromLinkRecord(record: LogRecord): {
  readonly addressed: Identifier;
  readonly messages: readonly Received[];
} {
  const { to, messages } = messageOf(record) as LinkMessage;
  return {
    addressed: to as Identifier,
    messages: messages.map((part) =>
      part.kind === 'facts' ? fromFactsPart(part) : (part as unknown as Received),
    ),
  };
}

/** Has events of an identifier told anew, of them and a partner that was erased. */
export function toPartingRecord(key: string, gone: Identifier): OutgoingRecord {
  const { workspaceId, id } = parseScopedKey(key);
  const message: PartingMessage = { workspaceId, identifier: id, gone: markOf(baseOf(gone)) };
  return {
    topic: TOPICS.partings.name,
    key,
    value: JSON.stringify(message),
    headers: { schema: 'parting@1' },
  };
}

/** Takes an identifier's assignment away. */
export function toAssignmentRemoval(key: string): OutgoingRecord {
  return { topic: TOPICS.assignments.name, key, value: null, headers: { schema: 'assignment@1' } };
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
