import { TOPICS, type EventMessage, type RejectedMessage, type ReplayedMessage } from '@tributary/contracts';
import type { CallType, Event } from '@tributary/events';
import type { OutgoingRecord } from '@tributary/kafka';
import { scopedKey, toInstant } from '@tributary/kernel';
import type { Source } from '../sources/source-registry.port.js';

/** The static type of the contract, whose list of call types TypeBox cannot follow. */
type Contract = Omit<EventMessage, 'type'> & { readonly type: CallType };

/** The record of an accepted call: in the partition of its primary identifier, and readable by its headers alone. */
export function eventRecord(event: Event): OutgoingRecord & { readonly value: Buffer } {
  const message: Contract = event;
  const [primary] = event.identifiers;
  if (primary === undefined) throw new Error(`event ${event.messageId} has no identifier`);
  return {
    topic: TOPICS.events.name,
    key: scopedKey(event.workspaceId, primary),
    value: Buffer.from(JSON.stringify(message)),
    headers: {
      schema: 'event@1',
      messageId: event.messageId,
      type: event.type,
      receivedAt: event.receivedAt,
      identifiers: JSON.stringify(event.identifiers),
    },
  };
}

/** What was sent and not accepted. */
export interface Rejection {
  readonly source: Source;
  readonly receivedAt: number;
  readonly route: string;
  readonly raw: Buffer;
  readonly reasons: RejectedMessage['reasons'];
  readonly rawIs?: RejectedMessage['rawIs'];
  readonly index?: number;
  readonly request?: RejectedMessage['request'];
}

export function rejectedRecord(rejection: Rejection): OutgoingRecord & { readonly value: Buffer } {
  const { source, receivedAt, route, raw, reasons, rawIs, index, request } = rejection;
  const message: RejectedMessage = {
    workspaceId: source.workspaceId,
    sourceId: source.sourceId,
    receivedAt: toInstant(receivedAt),
    route,
    reasons,
    raw: raw.toString('base64'),
    ...(rawIs === undefined ? {} : { rawIs }),
    ...(index === undefined ? {} : { index }),
    ...(request === undefined || Object.keys(request).length === 0 ? {} : { request }),
  };
  return {
    topic: TOPICS.rejected.name,
    key: source.sourceId,
    value: Buffer.from(JSON.stringify(message)),
    headers: { schema: 'rejected@1' },
  };
}

/** Says that a rejected record was mended; beside it in the log, so that what has the one has the other. */
export function replayedRecord(message: ReplayedMessage): OutgoingRecord {
  return {
    topic: TOPICS.rejected.name,
    key: message.sourceId,
    value: Buffer.from(JSON.stringify(message)),
    headers: { schema: 'replayed@1' },
  };
}
