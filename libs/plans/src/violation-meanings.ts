import type { ViolationCode } from './plan.js';

/** What a difference from a tracking plan says, and what is done about it. */
export const VIOLATION_MEANINGS: Readonly<Record<ViolationCode, readonly [meaning: string, advice: string]>> =
  {
    plan_violation: [
      'the call differs from the schema that the plan of its source has for it',
      'Send what the message names, or change the plan and replay what was rejected',
    ],
    unplanned_event: [
      'the plan of the source has no schema for such calls, and rejects them',
      'Add the event to the plan and replay what was rejected, or stop sending it',
    ],
  };
