import { isJsonObject, type CallContext } from '@tributary/events';
import type { OutgoingRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';
import type { CompiledPlan, Violation } from '@tributary/plans';
import { REQUEST_LIMITS } from '../limits.js';
import { plannedEvent, type CallReason } from '../plans/planned.js';
import type { Source } from '../sources/source-registry.port.js';
import type { ErrorCode, RejectedCall } from './answer.js';
import type { Calls } from './calls.js';
import { eventRecord, rejectedRecord, writtenRecord, type EventRecord } from './mapping.js';

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
export function judge(calls: Calls, request: RequestFacts): Result<Judgement, ErrorCode> {
  const context = callContext(calls, request);
  const records: OutgoingRecord[] = [];
  const rejected: RejectedCall[] = [];
  const violations: Violation[] = [];
  let bytes = 0;
  for (let index = 0; index < calls.count; index += 1) {
    const judged = judgeOne(calls, index, context, request.source.plan);
    if (judged.ok) {
      const { record, violations: differing } = judged.value;
      bytes += record.value.length;
      if (bytes > REQUEST_LIMITS.eventsBytes) return failed('batch_too_large');
      records.push(record);
      violations.push(...differing);
    } else {
      const { call, reasons } = judged.error;
      rejected.push(toldAs(index, call, reasons));
      records.push(rejectedRecord({ ...request, raw: calls.raw(index), reasons: [...reasons] }));
    }
  }
  return ok({ accepted: calls.count - rejected.length, rejected, records, violations });
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

function judgeOne(
  calls: Calls,
  index: number,
  context: CallContext,
  plan: CompiledPlan | undefined,
): Result<Accepted, Refused> {
  const written = calls.written(index);
  if (written) return ok({ record: writtenRecord(context.workspaceId, written), violations: NONE });
  const call = calls.value(index);
  const result = plannedEvent(call, context, plan);
  if (!result.ok) return failed({ call, reasons: result.error });
  const { event, violations } = result.value;
  return ok({ record: eventRecord(event), violations });
}

function callContext({ sentAt, batchContext }: Calls, request: RequestFacts): CallContext {
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
