import { failed, ok, type Result } from '@tributary/kernel';
import { contextFields } from './context-fields.js';
import { reason, type Reason } from './errors.js';
import { LIMITS, type JsonObject } from './event.js';
import type { Flag } from './flags.js';
import { isJsonObject, mendedJson, TOO_DEEP } from './json.js';

/** The context that the calls of a batch have in common, and the bytes that it adds to each of them. */
export interface BatchContext {
  readonly fields: JsonObject;
  readonly bytes: number;
  /** What looks wrong in it, for each event that has it. */
  readonly flags: readonly Flag[];
}

/** Reads a batch's `context` once for all of its calls; undefined where there is none. */
export function batchContextOf(context: unknown): Result<BatchContext | undefined, Reason> {
  if (context === undefined || context === null) return ok(undefined);
  const flags: Flag[] = [];
  const mended = mendedJson(context, flags, ['context']);
  if (mended === TOO_DEEP) {
    return failed(reason('nested_too_deep', 'context', `nested deeper than ${LIMITS.depth} levels`));
  }
  if (Array.isArray(mended) && mended.length === 0) return ok(undefined);
  if (!isJsonObject(mended)) return failed(reason('invalid_field', 'context', 'expected an object'));
  const fields = contextFields(mended, flags);
  return ok({ fields, bytes: Buffer.byteLength(JSON.stringify(fields)), flags });
}
