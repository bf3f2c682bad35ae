import { TOPICS, type EventMessage, type RejectedMessage, type ReplayedMessage } from '@tributary/contracts';
import type { CallType, Event, WrittenEvent } from '@tributary/events';
import type { OutgoingRecord } from '@tributary/kafka';
import { scopedKey, toInstant } from '@tributary/kernel';
import type { Source } from '../sources/source-registry.port.js';

/** The static type of the contract, whose list of call types TypeBox cannot follow. */
type Contract = Omit<EventMessage, 'type'> & { readonly type: CallType };

export type EventRecord = OutgoingRecord & { readonly value: Buffer };

/** The record of an accepted call: in the partition of its primary identifier, and readable by its headers alone. */
export function eventRecord(event: Event): EventRecord {
  const message: Contract = event;
  return writtenRecord(event.workspaceId, {
    ...event,
    identifiersText: JSON.stringify(event.identifiers),
    json: Buffer.from(JSON.stringify(message)),
  });
}

/** As {@link eventRecord}, of an event that is written already. */
export function writtenRecord(
  workspaceId: string,
  { type, messageId, deduplicationId, receivedAt, identifiers, identifiersText, json }: WrittenEvent,
): EventRecord {
  const [primary] = identifiers;
  if (primary === undefined) throw new Error(`event ${messageId} has no identifier`);
  return {
    topic: TOPICS.events.name,
    key: scopedKey(workspaceId, primary),
    value: json,
    headers: {
      schema: 'event@1',
      messageId,
      ...(deduplicationId !== undefined && { deduplicationId }),
      type,
      receivedAt,
      identifiers: identifiersText,
    },
  };
}

/** What was sent and not accepted. */
export interface Rejection {
  readonly source: Source;
  readonly receivedAt: number;
  readonly sequence: number;
  readonly route: string;
  readonly raw: Buffer;
  readonly reasons: RejectedMessage['reasons'];
  readonly rawIs?: RejectedMessage['rawIs'];
  readonly index?: number;
  readonly request?: RejectedMessage['request'];
}

export function rejectedRecord(rejection: Rejection): OutgoingRecord & { readonly value: Buffer } {
  const { source, receivedAt, sequence, route, raw, reasons, rawIs, index, request } = rejection;
  const message: RejectedMessage = {
    workspaceId: source.workspaceId,
    sourceId: source.sourceId,
    receivedAt: toInstant(receivedAt),
    route,
    reasons,
    raw: raw.toString('base64'),
    sequence,
    ...(rawIs === undefined ? {} : { rawIs }),
    ...(index === undefined ? {} : { index }),
    ...(request === undefined || Object.keys(request).length === 0 ? {} : { request }),
  };
  return {
    topic: TOPICS.rejected.name,
    key: scopedKey(source.workspaceId, source.sourceId),
    value: Buffer.from(JSON.stringify(message)),
    headers: { schema: 'rejected@1' },
  };
}

/** Says that a rejected record was mended; beside it in the log, so that what has the one has the other. */
export function replayedRecord(message: ReplayedMessage): OutgoingRecord {
  return {
    topic: TOPICS.rejected.name,
    key: scopedKey(message.workspaceId, message.sourceId),
    value: Buffer.from(JSON.stringify(message)),
    headers: { schema: 'replayed@1' },
  };
}
