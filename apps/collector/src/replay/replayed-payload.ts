import type { RejectedMessage } from '@tributary/contracts';
import {
  batchContextOf,
  CALL_TYPES,
  isJsonObject,
  parseInstant,
  type CallType,
  type Mapping,
} from '@tributary/events';
import { failed, ok, type Result } from '@tributary/kernel';
import { readPayload, type Payload } from '../intake/payload.js';
import type { Refusal } from '../intake/reasons.js';
import type { Source } from '../sources/source-registry.port.js';
import { readWebhook } from '../webhook/webhook.reader.js';

/** How rejected bytes are mended: the request's body, then each call. */
export interface Mending {
  readonly body: Mapping;
  readonly calls: Mapping;
}

/** The calls of a rejected record: as they came, and mended. */
export interface MendedCalls {
  readonly before: readonly unknown[];
  readonly payload: Payload;
}

/** Reads what was rejected as its route does, mends it, and leaves out the calls that were accepted then. */
export function mended(
  rejected: RejectedMessage,
  parsed: unknown,
  source: Source,
  mending: Mending,
): Result<MendedCalls, Refusal> {
  const read =
    rejected.rawIs === 'call' ? ofCall(rejected, parsed) : ofRequest(rejected, mending.body(parsed), source);
  if (!read.ok) return read;
  const before = read.value.calls;
  return ok({ before, payload: { ...read.value, calls: before.map(mending.calls) } });
}

function ofCall({ request = {} }: RejectedMessage, call: unknown): Result<Payload, Refusal> {
  const sentAt = parseInstant(request.sentAt);
  const context = batchContextOf(request.context);
  return ok({
    calls: [call],
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(context.ok && context.value ? { batchContext: context.value } : {}),
  });
}

function ofRequest(rejected: RejectedMessage, body: unknown, source: Source): Result<Payload, Refusal> {
  const { route, index } = rejected;
  const payload = route.startsWith('/v1/webhook/') ? readWebhook(body, source) : ofTracking(route, body);
  if (!payload.ok || index === undefined || payload.value.calls.length === 1) return payload;
  const call = payload.value.calls.slice(index, index + 1);
  if (call.length === 1) return ok({ ...payload.value, calls: call });
  return failed({ code: 'invalid_body', message: `the body has no call ${index} any more` });
}

/** A batch, wherever it was sent; else one call, whose type its route says, or it itself. */
function ofTracking(route: string, body: unknown): Result<Payload, Refusal> {
  const isBatch = isJsonObject(body) && Array.isArray(body.batch);
  const type = isBatch ? undefined : (typeIn(route.slice(route.lastIndexOf('/') + 1)) ?? ownType(body));
  return readPayload(isJsonObject(body) ? { ...body } : body, type);
}

function ownType(body: unknown): CallType | undefined {
  return isJsonObject(body) ? typeIn(body.type) : undefined;
}

function typeIn(name: unknown): CallType | undefined {
  return CALL_TYPES.find(
    (type) => type === name || (type.startsWith(String(name)) && String(name).length === 1),
  );
}
