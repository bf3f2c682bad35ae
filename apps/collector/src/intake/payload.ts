import {
  batchContextOf,
  isJsonObject,
  parseExactly,
  parseInstant,
  type BatchContext,
  type CallType,
} from '@tributary/events';
import { failed, ok, type Result } from '@tributary/kernel';
import { isUtf8 } from 'node:buffer';
import { REQUEST_LIMITS } from '../limits.js';
import type { Source } from '../sources/source-registry.port.js';
import type { ErrorCode } from './answer.js';

/** The calls of a request and what they have in common. */
export interface Payload {
  /** As parsed; an {@link UnreadableCall} where that is impossible. */
  readonly calls: readonly unknown[];
  readonly sentAt?: number;
  readonly batchContext?: BatchContext;
}

/** Why a request is refused whole; the message of its code, where it has none of its own. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message?: string;
  /** Where in the body; empty or absent: all of it. */
  readonly field?: string;
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

/** The write key that a body may bear. */
export function writeKeyIn(parsed: unknown): string | undefined {
  return isJsonObject(parsed) && typeof parsed.writeKey === 'string' ? parsed.writeKey : undefined;
}

/** Takes a body apart: a batch, or the one call of a route that says its type. */
export function readPayload(parsed: unknown, type: CallType | undefined): Result<Payload, ErrorCode> {
  if (parsed === undefined) return failed('malformed_json');
  if (!isJsonObject(parsed)) return failed('invalid_body');
  if (type !== undefined) return ok({ calls: [Object.assign(parsed, { type })] });
  const { batch } = parsed;
  if (!Array.isArray(batch)) return failed('invalid_body');
  if (batch.length === 0) return failed('empty_batch');
  if (batch.length > REQUEST_LIMITS.calls) return failed('too_many_calls');
  const context = batchContextOf(parsed.context);
  if (!context.ok) return failed('invalid_body');
  const sentAt = parseInstant(parsed.sentAt);
  return ok({
    calls: batch,
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(context.value ? { batchContext: context.value } : {}),
  });
}
