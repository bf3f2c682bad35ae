import {
  batchContextOf,
  CALL_TYPES,
  isJsonObject,
  parseExactly,
  parseInstant,
  type BatchContext,
  type CallType,
  type JsonObject,
} from '@tributary/events';
import { failed, ok, type Result } from '@tributary/kernel';
import { isUtf8 } from 'node:buffer';
import { REQUEST_LIMITS } from '../limits.js';
import type { Source } from '../sources/source-registry.port.js';
import { errorText } from './answer.js';
import type { Refusal } from './reasons.js';

/** The calls of a request and what they have in common. */
export interface Payload {
  /** As parsed; an {@link UnreadableCall} where that is impossible. */
  readonly calls: readonly unknown[];
  readonly sentAt?: number;
  readonly batchContext?: BatchContext;
}

/** How a parsed body becomes calls. */
export type PayloadReader = (parsed: unknown, source: Source) => Result<Payload, Refusal>;

/** Parses a body; undefined is no JSON value, so it says that the body is none, or not UTF-8. */
export function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) return undefined;
  const text = body.toString('utf8');
  try {
    return parseExactly(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

/** The write key that a body may hold. */
export function writeKeyIn(parsed: unknown): string | undefined {
  return isJsonObject(parsed) && typeof parsed.writeKey === 'string' ? parsed.writeKey : undefined;
}

function noObject(parsed: unknown, type: CallType | undefined): string {
  if (!Array.isArray(parsed)) return errorText('invalid_body');
  if (type !== undefined)
    return 'expected one call, not an array; send several to /v1/batch as {"batch": […]}';
  return 'expected {"batch": […]}, not an array by itself; /v1/import takes an array as it is';
}

function noBatch(parsed: JsonObject): string {
  const type = CALL_TYPES.find((one) => one === parsed.type);
  if (type === undefined) return errorText('invalid_body');
  return `this is one call: in a file one call has to be on one line, by itself it goes to /v1/${type}`;
}

/** Takes a body apart: a batch, or the one call of a route that says its type. */
export function readPayload(parsed: unknown, type: CallType | undefined): Result<Payload, Refusal> {
  if (parsed === undefined) return failed({ code: 'malformed_json' });
  if (!isJsonObject(parsed)) return failed({ code: 'invalid_body', message: noObject(parsed, type) });
  if (type !== undefined) return ok({ calls: [Object.assign(parsed, { type })] });
  const { batch } = parsed;
  if (!Array.isArray(batch)) return failed({ code: 'invalid_body', message: noBatch(parsed) });
  if (batch.length === 0) return failed({ code: 'empty_batch' });
  if (batch.length > REQUEST_LIMITS.calls) return failed({ code: 'too_many_calls' });
  const context = batchContextOf(parsed.context);
  if (!context.ok) {
    const { field, message } = context.error;
    return failed({ code: 'invalid_body', field, message: `the "context" of the batch: ${message}` });
  }
  const sentAt = parseInstant(parsed.sentAt);
  return ok({
    calls: batch,
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(context.value ? { batchContext: context.value } : {}),
  });
}
