import { isJsonObject, normalise, type CallContext, type Event, type Flag } from '@tributary/events';
import { ok, type Result } from '@tributary/kernel';
import type { CompiledPlan, Violation } from '@tributary/plans';

/** Why a call is not accepted: a reason of the call itself, or of the source's plan. */
export interface CallReason {
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

/** A call that is accepted, and where it differs from the plan all the same. */
export interface PlannedEvent {
  readonly event: Event;
  readonly violations: readonly Violation[];
}

const NONE: readonly Violation[] = [];

/**
 * Holds a call against the plan of its source, then makes an event of it. The plan comes first: what it drops becomes
 * no identifier. What it found is in the event, under `context.tributary.violations`. What looks wrong in the call is
 * added to `flags`.
 */
export function plannedEvent(
  call: unknown,
  context: CallContext,
  plan: CompiledPlan | undefined,
  flags: Flag[],
): Result<PlannedEvent, readonly CallReason[]> {
  const planned = plan && isJsonObject(call) ? plan.validate(call) : undefined;
  if (planned?.ok === false) return planned;
  const result = normalise(planned ? planned.value.call : call, context, flags);
  if (!result.ok) return result;
  const event = result.value;
  const violations = planned?.value.violations ?? NONE;
  // The context may be shared with other calls of the batch.
  if (violations.length > 0) {
    const { tributary } = event.context;
    event.context = {
      ...event.context,
      tributary: { ...(isJsonObject(tributary) ? tributary : {}), violations },
    };
  }
  return ok({ event, violations });
}
