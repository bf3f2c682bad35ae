import { splitId, RULES_ID, TOPICS, type EventMessage } from '@tributary/contracts';
import type { RulesDefinition } from '@tributary/identity';
import type { OutgoingRecord } from '@tributary/kafka';
import { scopedKey, toInstant, type Identifier } from '@tributary/kernel';

const WORKSPACE = 'default';

/** An event as the collector writes it. */
export function eventRecord(
  identifiers: readonly Identifier[],
  messageId: string,
  receivedAt: number,
): OutgoingRecord {
  const at = toInstant(receivedAt);
  const event: EventMessage = {
    ...{ workspaceId: WORKSPACE, sourceId: 'harness', type: 'track', event: 'Seen', messageId },
    ...{ context: {}, timestamp: at, receivedAt: at, identifiers: [...identifiers] },
  };
  return {
    topic: TOPICS.events.name,
    key: scopedKey(WORKSPACE, identifiers[0] ?? ''),
    value: JSON.stringify(event),
    headers: {
      ...{ schema: 'event@1', messageId, type: event.type, receivedAt: at },
      identifiers: JSON.stringify(identifiers),
    },
  };
}

/** Rules as the api puts them in force. */
export function rulesRecord(rules: RulesDefinition, workspaceId = WORKSPACE): OutgoingRecord {
  const message = { workspaceId, ...rules, updatedAt: toInstant(Date.now()) };
  return {
    topic: TOPICS.identityRules.name,
    key: scopedKey(workspaceId, RULES_ID),
    value: JSON.stringify(message),
    headers: { schema: 'identity-rules@1' },
  };
}

/** A split as the api puts it in force, or removes it. */
export function splitRecord(
  [a, b]: readonly [string, string],
  apart: boolean,
  workspaceId = WORKSPACE,
): OutgoingRecord {
  const at = toInstant(Date.now());
  return {
    topic: TOPICS.splits.name,
    key: scopedKey(workspaceId, splitId(a, b)),
    value: JSON.stringify({ workspaceId, a, b, apart, createdAt: at, updatedAt: at }),
    headers: { schema: 'split@1' },
  };
}
