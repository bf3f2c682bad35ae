import { failed, ok, type Result } from '@tributary/kernel';
import { parsedCalls, slicedCalls, type Calls } from './calls.js';
import { parseJson, readPayload, type Payload } from './payload.js';
import type { Refusal } from './reasons.js';
import type { IntakeRequest, RequestFacts } from './request.js';
import { faultIn, nearPayload } from './unreadable.js';

/**
 * Finds the calls in a body: as slices of its bytes where they can go over as they are, else parsed; of a batch that is no
 * JSON those that are.
 */
export function readCalls(
  request: IntakeRequest,
  facts: RequestFacts,
  parsed: unknown,
): Result<Calls, Refusal> {
  const { read, type } = request;
  const sliced = parsed === undefined && !read ? slicedCalls(facts, type) : undefined;
  if (sliced) return ok(sliced);
  const value = parsed ?? parseJson(facts.body);
  const payload = payloadOf(value, request, facts);
  return payload.ok ? ok(parsedCalls(payload.value, facts.body)) : payload;
}

function payloadOf(
  parsed: unknown,
  { read, type }: IntakeRequest,
  { body, source }: RequestFacts,
): Result<Payload, Refusal> {
  if (parsed === undefined) return read || type ? failed(faultIn(body)) : nearPayload(body);
  if (read) return read(parsed, source);
  return readPayload(parsed, type);
}
