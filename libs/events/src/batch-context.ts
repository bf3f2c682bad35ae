import { failed, ok, type Result } from '@tributary/kernel';
import { reason, type Reason } from './errors.js';
import { LIMITS, type JsonObject } from './event.js';
import { isJsonObject, TOO_DEEP, withoutPrototypeKeys } from './json.js';

/** The context that the calls of a batch have in common, and the bytes that it adds to each of them. */
export interface BatchContext {
  readonly fields: JsonObject;
  readonly bytes: number;
}

/** Reads a batch's `context` once for all of its calls; undefined where there is none. */
export function batchContextOf(context: unknown): Result<BatchContext | undefined, Reason> {
  if (context === undefined || context === null) return ok(undefined);
  const cleaned = withoutPrototypeKeys(context);
  if (cleaned === TOO_DEEP) {
    return failed(reason('nested_too_deep', 'context', `nested deeper than ${LIMITS.depth} levels`));
  }
  if (!isJsonObject(cleaned)) return failed(reason('invalid_field', 'context', 'expected an object'));
  return ok({ fields: cleaned, bytes: Buffer.byteLength(JSON.stringify(cleaned)) });
}
