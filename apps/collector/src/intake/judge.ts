import { isJsonObject, normalise, type CallContext, type Reason } from '@tributary/events';
import type { OutgoingRecord } from '@tributary/kafka';
import { failed, ok, toInstant, type Result } from '@tributary/kernel';
import { REQUEST_LIMITS } from '../limits.js';
import type { Source } from '../sources/source-registry.port.js';
import type { ErrorCode, RejectedCall } from './answer.js';
import { eventRecord, rejectedRecord, type Rejection } from './mapping.js';
import type { Payload } from './payload.js';

/** What the server knows of a request. */
export interface RequestFacts {
  readonly source: Source;
  readonly route: string;
  readonly receivedAt: number;
  readonly body: Buffer;
  /** Makes the id of a call that has none, by its place in the payload. */
  readonly newMessageId: (index: number) => string;
  readonly ip?: string;
  readonly userAgent?: string;
  /** The bytes and the place of one call, where the body does not tell them. */
  readonly placeOf?: (index: number) => { readonly raw: Buffer; readonly index: number };
  /** The calls are larger than the body that they come from: the size of each is measured. */
  readonly measured?: boolean;
  /** See {@link CallContext.keepsTime}. */
  readonly keepsTime?: boolean;
}

/** A request judged call by call: the records to write, and what to tell the client. */
export interface Judgement {
  readonly accepted: number;
  readonly rejected: readonly RejectedCall[];
  readonly records: readonly OutgoingRecord[];
}

/** Judges each call for itself: good ones become events, bad ones are kept with their reasons. */
export function judge(payload: Payload, request: RequestFacts): Result<Judgement, ErrorCode> {
  let at = 0;
  const context = callContext(payload, request, () => request.newMessageId(at));
  const records: OutgoingRecord[] = [];
  const rejected: RejectedCall[] = [];
  let bytes = 0;
  for (const [index, call] of payload.calls.entries()) {
    at = index;
    const result = normalise(call, context);
    if (result.ok) {
      const record = eventRecord(result.value);
      bytes += record.value.length;
      if (bytes > REQUEST_LIMITS.eventsBytes) return failed('batch_too_large');
      records.push(record);
    } else {
      rejected.push(toldAs(index, call, result.error));
      const record = rejectedRecord({ ...rejectionOf(index, payload, request), reasons: [...result.error] });
      bytes += payload.batchContext?.bytes ?? 0;
      if (bytes > REQUEST_LIMITS.eventsBytes) return failed('batch_too_large');
      records.push(record);
    }
  }
  return ok({ accepted: payload.calls.length - rejected.length, rejected, records });
}

/** What is kept of a call that is not accepted: all that it takes to judge it again. */
function rejectionOf(index: number, payload: Payload, request: RequestFacts): Omit<Rejection, 'reasons'> {
  const { source, receivedAt, route, body, ip, userAgent } = request;
  const { calls, sentAt, batchContext } = payload;
  const own = request.placeOf?.(index) ?? { raw: rawOf(calls[index], body, calls.length), index };
  const place = { source, receivedAt, route, ...own };
  if (own.raw === body) {
    return { ...place, rawIs: 'request', request: { ...(ip && { ip }), ...(userAgent && { userAgent }) } };
  }
  const known = {
    ...(sentAt !== undefined && { sentAt: toInstant(sentAt) }),
    ...(batchContext && { context: batchContext.fields }),
    ...(ip && { ip }),
    ...(userAgent && { userAgent }),
  };
  return { ...place, rawIs: 'call', request: known };
}

function callContext(
  { sentAt, batchContext }: Payload,
  request: RequestFacts,
  newMessageId: () => string,
): CallContext {
  const { source, receivedAt, body, ip, userAgent, measured, keepsTime } = request;
  return {
    workspaceId: source.workspaceId,
    sourceId: source.sourceId,
    receivedAt,
    newMessageId,
    ...(measured ? {} : { requestBytes: body.length }),
    ...(source.identifierKeys && { identifierKeys: source.identifierKeys }),
    ...(keepsTime === undefined ? {} : { keepsTime }),
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(batchContext === undefined ? {} : { batchContext }),
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

function toldAs(index: number, call: unknown, [first]: readonly Reason[]): RejectedCall {
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
