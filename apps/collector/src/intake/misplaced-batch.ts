import { isJsonObject, type CallType } from '@tributary/events';
import type { Calls } from './calls.js';
import type { Validation } from './outcome.js';
import type { Refusal } from './reasons.js';

/** Refuses a batch that was sent to the route of one call, where it would be a call that is none. */
export function misplacedBatch(
  type: CallType | undefined,
  calls: Calls,
  { accepted }: Validation,
): Refusal | undefined {
  if (!type || accepted > 0 || !isBatch(calls.value(0))) return undefined;
  return { code: 'invalid_body', message: 'this is a batch: send it to /v1/batch' };
}

/** Whether a body has calls, and is none itself. */
function isBatch(parsed: unknown): boolean {
  if (!isJsonObject(parsed) || !Array.isArray(parsed.batch)) return false;
  return ['userId', 'anonymousId', 'event', 'traits'].every((field) => parsed[field] === undefined);
}
