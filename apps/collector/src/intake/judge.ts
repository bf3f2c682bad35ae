import { isJsonObject, type CallContext } from '@tributary/events';
import type { OutgoingRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';
import type { Violation } from '@tributary/plans';
import { REQUEST_LIMITS } from '../limits.js';
import { plannedEvent, type CallReason } from '../plans/planned.js';
import type { Source } from '../sources/source-registry.port.js';
import type { ErrorCode, RejectedCall } from './answer.js';
import { eventRecord, rejectedRecord } from './mapping.js';
import type { Payload } from './payload.js';

/** What the server knows of a request. */
export interface RequestFacts {
  readonly source: Source;
  readonly route: string;
  readonly receivedAt: number;
  readonly body: Buffer;
  readonly newMessageId: () => string;
  readonly ip?: string;
  readonly userAgent?: string;
}

/** A request judged call by call: the records to write, and what to tell the client. */
export interface Judgement {
  readonly accepted: number;
  readonly rejected: readonly RejectedCall[];
  readonly records: readonly OutgoingRecord[];
  /** Where accepted calls differ from the source's plan. */
  readonly violations: readonly Violation[];
}

/** Judges each call for itself: good ones become events, bad ones are kept with their reasons. */
export function judge(payload: Payload, request: RequestFacts): Result<Judgement, ErrorCode> {
  const context = callContext(payload, request);
  const records: OutgoingRecord[] = [];
  const rejected: RejectedCall[] = [];
  const violations: Violation[] = [];
  let bytes = 0;
  for (const [index, call] of payload.calls.entries()) {
    const result = plannedEvent(call, context, request.source.plan);
    if (result.ok) {
      const record = eventRecord(result.value.event);
      violations.push(...result.value.violations);
      bytes += record.value.length;
      if (bytes > REQUEST_LIMITS.eventsBytes) return failed('batch_too_large');
      records.push(record);
    } else {
      rejected.push(toldAs(index, call, result.error));
      const raw = rawOf(call, request.body, payload.calls.length);
      records.push(rejectedRecord({ ...request, raw, reasons: [...result.error] }));
    }
  }
  return ok({ accepted: payload.calls.length - rejected.length, rejected, records, violations });
}

function callContext({ sentAt, batchContext }: Payload, request: RequestFacts): CallContext {
  const { source, receivedAt, body, newMessageId, ip, userAgent } = request;
  return {
    workspaceId: source.workspaceId,
    sourceId: source.sourceId,
    receivedAt,
    newMessageId,
    requestBytes: body.length,
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(batchContext === undefined ? {} : { batchContext }),
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

function toldAs(index: number, call: unknown, [first]: readonly CallReason[]): RejectedCall {
  const messageId = isJsonObject(call) && typeof call.messageId === 'string' ? call.messageId : undefined;
  return {
    index,
    ...(messageId === undefined ? {} : { messageId: messageId.slice(0, 100) }),
    code: first?.code ?? 'invalid_field',
    field: first?.field ?? '',
    message: first?.message ?? '',
  };
}

/**
 * The bytes of one call. A call of a batch has none of its own once the batch is parsed, so it is written again,
 * unless that is impossible (nested too deep) or longer than the whole body (`1E9` becomes 1000000000): then the whole
 * body stands for it, and a record never outgrows what Kafka takes.
 */
function rawOf(call: unknown, body: Buffer, calls: number): Buffer {
  if (calls === 1) return body;
  try {
    const raw = Buffer.from(JSON.stringify(call));
    return raw.length <= body.length ? raw : body;
  } catch (error) {
    if (error instanceof RangeError) return body;
    throw error;
  }
}
