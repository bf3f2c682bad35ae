import { isJsonObject, type CallContext, type Flag, type NormaliserOf } from '@tributary/events';
import type { OutgoingRecord } from '@tributary/kafka';
import { failed, ok, toInstant, type Result } from '@tributary/kernel';
import type { CompiledPlan, Violation } from '@tributary/plans';
import { REQUEST_LIMITS } from '../limits.js';
import { plannedEvent, type CallReason } from '../plans/planned.js';
import type { Source } from '../sources/source-registry.port.js';
import type { ErrorCode, FlagCounts, RejectedCall } from './answer.js';
import type { Calls } from './calls.js';
import { eventRecord, rejectedRecord, writtenRecord, type EventRecord, type Rejection } from './records.js';

/** What the server knows of a request. */
export interface RequestFacts {
  readonly source: Source;
  readonly route: string;
  readonly receivedAt: number;
  /** The place of the first call among what this process received in the same millisecond. */
  readonly sequence: number;
  /** See {@link CallContext.clockToleranceMs}. */
  readonly clockToleranceMs: number;
  readonly body: Buffer;
  /** How identifiers are written. */
  readonly normaliserOf: NormaliserOf;
  /** Makes the id of a call that has none, by its place in the payload. */
  readonly newMessageId: (index: number) => string;
  readonly ip?: string;
  readonly userAgent?: string;
  /** Of a body that is no JSON. */
  readonly contentType?: string;
  /** The bytes and the place of one call, where the body does not tell them. */
  readonly placeOf?: (index: number) => { readonly raw: Buffer; readonly index: number };
  /** The calls are larger than the body that they come from: the size of each is measured. */
  readonly measured?: boolean;
  /** See {@link CallContext.keepsTime}. */
  readonly keepsTime?: boolean;
}

/** A request validated call by call: the records to write, and what to tell the client. */
export interface Validation {
  readonly accepted: number;
  readonly rejected: readonly RejectedCall[];
  readonly records: readonly OutgoingRecord[];
  /** Where accepted calls differ from the source's plan. */
  readonly violations: readonly Violation[];
  /** What looks wrong in calls, accepted or not. */
  readonly flags: readonly Flag[];
  /** How often each flag is in the accepted ones. */
  readonly flagCounts: FlagCounts;
}

/** Validates each call for itself: good ones become events, bad ones are kept with their reasons. */
export function validate(calls: Calls, request: RequestFacts): Result<Validation, ErrorCode> {
  let at = 0;
  const context = callContext(calls, request, () => request.newMessageId(at));
  const records: OutgoingRecord[] = [];
  const rejected: RejectedCall[] = [];
  const violations: Violation[] = [];
  const flags: Flag[] = [];
  const flagCounts: Record<string, number> = {};
  let bytes = 0;
  for (let index = 0; index < calls.count; index += 1) {
    at = index;
    const before = flags.length;
    const validated = validateOne(calls, index, context, request.source.plan, flags);
    if (validated.ok) {
      for (const { code } of flags.slice(before)) flagCounts[code] = (flagCounts[code] ?? 0) + 1;
      const { record, violations: differing } = validated.value;
      bytes += record.value.length;
      if (bytes > REQUEST_LIMITS.eventsBytes) return failed('batch_too_large');
      records.push(record);
      violations.push(...differing);
    } else {
      const { call, reasons } = validated.error;
      rejected.push(publishedAs(index, call, reasons));
      const rejection = rejectionOf(index, calls, request);
      bytes += calls.batchContext?.bytes ?? 0;
      if (bytes > REQUEST_LIMITS.eventsBytes) return failed('batch_too_large');
      records.push(rejectedRecord({ ...rejection, reasons: [...reasons] }));
    }
  }
  return ok({ accepted: calls.count - rejected.length, rejected, records, violations, flags, flagCounts });
}

interface Accepted {
  readonly record: EventRecord;
  readonly violations: readonly Violation[];
}

interface Refused {
  readonly call: unknown;
  readonly reasons: readonly CallReason[];
}

const NONE: readonly Violation[] = [];

function validateOne(
  calls: Calls,
  index: number,
  context: CallContext,
  plan: CompiledPlan | undefined,
  flags: Flag[],
): Result<Accepted, Refused> {
  const written = calls.written(index);
  if (written) return ok({ record: writtenRecord(context.workspaceId, written), violations: NONE });
  const unreadable = calls.unreadable(index);
  if (unreadable) return failed({ call: unreadable, reasons: [unreadable.reason] });
  const call = calls.value(index);
  // Of its own: only so many are kept of one call.
  const own: Flag[] = [];
  const result = plannedEvent(call, { ...context, sequence: context.sequence + index }, plan, own);
  flags.push(...own);
  if (!result.ok) return failed({ call, reasons: result.error });
  const { event, violations } = result.value;
  return ok({ record: eventRecord(event), violations });
}

/** What is kept of a call that is not accepted: all that it takes to validate it again. */
function rejectionOf(index: number, calls: Calls, request: RequestFacts): Omit<Rejection, 'reasons'> {
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

function publishedAs(index: number, call: unknown, [first]: readonly CallReason[]): RejectedCall {
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
