import type { CallContext, Flag } from '@tributary/events';
import type { OutgoingRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';
import type { Violation } from '@tributary/plans';
import { REQUEST_LIMITS } from '../limits.js';
import type { ErrorCode, RejectedCall } from './answer.js';
import type { Calls } from './calls.js';
import type { Validation } from './outcome.js';
import { rejectedRecord } from './records.js';
import { rejectedCall, rejectionOf } from './rejections.js';
import type { RequestFacts } from './request.js';
import { identifiersIn, validateCall } from './validate-call.js';

/** Validates each call for itself: good ones become events, bad ones are kept with their reasons. */
export function validateCalls(calls: Calls, request: RequestFacts): Result<Validation, ErrorCode> {
  let at = 0;
  const context = callContext(calls, request, () => request.newMessageId(at));
  const records: OutgoingRecord[] = [];
  const rejected: RejectedCall[] = [];
  const violations: Violation[] = [];
  const flags: Flag[] = [];
  const flagCounts: Record<string, number> = {};
  const { isSuppressed } = request;
  let [bytes, suppressed] = [0, 0];
  for (let index = 0; index < calls.count; index += 1) {
    at = index;
    const before = flags.length;
    const validated = validateCall(calls, index, context, request.source.plan, flags);
    if (
      isSuppressed?.(
        validated.ok ? validated.value.identifiers : identifiersIn(validated.error.call, context),
      )
    ) {
      suppressed += 1;
      flags.length = before;
      continue;
    }
    if (validated.ok) {
      for (const { code } of flags.slice(before)) flagCounts[code] = (flagCounts[code] ?? 0) + 1;
      const { record, violations: differing } = validated.value;
      bytes += record.value.length;
      if (bytes > REQUEST_LIMITS.eventsBytes) return failed('batch_too_large');
      records.push(record);
      violations.push(...differing);
    } else {
      const { call, reasons } = validated.error;
      rejected.push(rejectedCall(index, call, reasons));
      const rejection = rejectionOf(index, calls, request);
      bytes += calls.batchContext?.bytes ?? 0;
      if (bytes > REQUEST_LIMITS.eventsBytes) return failed('batch_too_large');
      records.push(rejectedRecord({ ...rejection, reasons: [...reasons] }));
    }
  }
  if (suppressed > 0) flagCounts.suppressed = suppressed;
  const accepted = calls.count - rejected.length;
  return ok({ accepted, suppressed, rejected, records, violations, flags, flagCounts });
}

function callContext(
  { sentAt, batchContext }: Calls,
  request: RequestFacts,
  newMessageId: () => string,
): CallContext {
  const { source, body, ip, userAgent, measured, keepsTime } = request;
  const { receivedAt, sequence, clockToleranceMs, normaliserOf } = request;
  return {
    workspaceId: source.workspaceId,
    sourceId: source.sourceId,
    receivedAt,
    sequence,
    clockToleranceMs,
    normaliserOf,
    newMessageId,
    ...(measured ? {} : { requestBytes: body.length }),
    ...(source.identifierKeys && { identifierKeys: source.identifierKeys }),
    ...(source.deduplicateBy && { deduplicateBy: source.deduplicateBy }),
    ...(keepsTime === undefined ? {} : { keepsTime }),
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(batchContext === undefined ? {} : { batchContext }),
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}
