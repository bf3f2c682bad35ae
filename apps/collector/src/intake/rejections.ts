import { isJsonObject } from '@tributary/events';
import type { OutgoingRecord } from '@tributary/kafka';
import { toInstant } from '@tributary/kernel';
import { errorText, type RejectedCall } from './answer.js';
import type { Calls } from './calls.js';
import type { CallReason, Refusal } from './reasons.js';
import { rejectedRecord, type Rejection } from './records.js';
import type { RequestFacts } from './request.js';

/** What is kept of a call that is not accepted: all that it takes to validate it again. */
export function rejectionOf(index: number, calls: Calls, request: RequestFacts): Omit<Rejection, 'reasons'> {
  const { source, receivedAt, route, body, ip, userAgent, contentType } = request;
  const sequence = request.sequence + index;
  const { sentAt, batchContext } = calls;
  const own = request.placeOf?.(index) ?? { raw: calls.raw(index), index };
  const place = { source, receivedAt, sequence, route, ...own };
  if (own.raw === body) {
    return {
      ...place,
      rawIs: 'request',
      request: { ...(ip && { ip }), ...(userAgent && { userAgent }), ...(contentType && { contentType }) },
    };
  }
  const known = {
    ...(sentAt !== undefined && { sentAt: toInstant(sentAt) }),
    ...(batchContext && { context: batchContext.fields }),
    ...(ip && { ip }),
    ...(userAgent && { userAgent }),
  };
  return { ...place, rawIs: 'call', request: known };
}

/** What the client is answered of a call that is rejected. */
export function rejectedCall(index: number, call: unknown, [first]: readonly CallReason[]): RejectedCall {
  const given = isJsonObject(call) ? call.messageId : undefined;
  const messageId = typeof given === 'string' ? given : undefined;
  return {
    index,
    ...(messageId === undefined ? {} : { messageId: messageId.slice(0, 100) }),
    code: first?.code ?? 'invalid_field',
    field: first?.field ?? '',
    message: first?.message ?? '',
  };
}

/** What is kept of a request that is refused whole: all of it. */
export function refusedRecord(facts: RequestFacts, refusal: Refusal): OutgoingRecord {
  const { source, route, receivedAt, sequence, body: raw, ip, userAgent, contentType } = facts;
  const { code, field = '', message = errorText(code) } = refusal;
  return rejectedRecord({
    source,
    route,
    receivedAt,
    sequence,
    raw,
    rawIs: 'request',
    request: { ...(ip && { ip }), ...(userAgent && { userAgent }), ...(contentType && { contentType }) },
    reasons: [{ code, field, message }],
  });
}
