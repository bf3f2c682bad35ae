import { isJsonObject, namedIn, normalise, type CallContext, type Event, type Flag } from '@tributary/events';
import { failed, ok, type Result } from '@tributary/kernel';
import type { CompiledPlan, Violation } from '@tributary/plans';
import type { Calls } from './calls.js';
import type { CallReason } from './reasons.js';
import { eventRecord, writtenRecord, type EventRecord } from './records.js';

/** The record of a call, and where the call differs from its plan all the same. */
export interface ValidCall {
  readonly record: EventRecord;
  readonly identifiers: readonly string[];
  readonly violations: readonly Violation[];
}

/** A call that is rejected, as far as it could be read. */
export interface InvalidCall {
  readonly call: unknown;
  readonly reasons: readonly CallReason[];
}

const NONE: readonly Violation[] = [];

/**
 * All that decides about one call, first to last: whether its bytes go over as they are; whether it can be read; the plan
 * of its source; and what every call has to be, which also says whose it is. What looks wrong in it is added to `flags`.
 */
export function validateCall(
  calls: Calls,
  index: number,
  context: CallContext,
  plan: CompiledPlan | undefined,
  flags: Flag[],
): Result<ValidCall, InvalidCall> {
  const written = calls.written(index);
  if (written) {
    const record = writtenRecord(context.workspaceId, written);
    return ok({ record, identifiers: written.identifiers, violations: NONE });
  }
  const unreadable = calls.unreadable(index);
  if (unreadable) return failed({ call: unreadable, reasons: [unreadable.reason] });
  const call = calls.value(index);
  // The plan comes first: what it drops becomes no identifier.
  const planned = plan && isJsonObject(call) ? plan.validate(call) : undefined;
  if (planned?.ok === false) return failed({ call, reasons: planned.error });
  // Flags of its own: only so many are kept of one call.
  const own: Flag[] = [];
  const inPlace = { ...context, sequence: context.sequence + index };
  const event = normalise(planned ? planned.value.call : call, inPlace, own);
  flags.push(...own);
  if (!event.ok) return failed({ call, reasons: event.error });
  const violations = planned?.value.violations ?? NONE;
  if (violations.length > 0) addViolations(event.value, violations);
  return ok({ record: eventRecord(event.value), identifiers: event.value.identifiers, violations });
}

/** Under `context.tributary.violations`, in a context of the event's own: it may share one with other calls of the batch. */
function addViolations(event: Event, violations: readonly Violation[]): void {
  const { tributary } = event.context;
  event.context = {
    ...event.context,
    tributary: { ...(isJsonObject(tributary) ? tributary : {}), violations },
  };
}

/** The identifiers of a call that is rejected, as far as they can be read. */
export function identifiersIn(
  call: unknown,
  { normaliserOf, identifierKeys, batchContext }: CallContext,
): readonly string[] {
  return namedIn(call, { normaliserOf, keys: identifierKeys }, batchContext?.fields);
}
