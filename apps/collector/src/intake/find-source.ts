import { failed, ok, type Result } from '@tributary/kernel';
import type { Refusals } from '../admission/refusals.js';
import type { Source, SourceRegistry } from '../sources/source-registry.port.js';
import { parseJson, writeKeyIn } from './payload.js';
import type { NotKept } from './reasons.js';
import type { IntakeRequest } from './request.js';
import { writeKeyNear } from './unreadable.js';

/** Whose a request is, and its body where it had to be parsed to know that. */
export interface Sent {
  readonly source: Source;
  readonly parsed: unknown;
}

/** Finds the source of a request by its write key, and whether the source may send now. */
export function findSource(
  request: IntakeRequest,
  sources: SourceRegistry,
  refusals: Refusals,
): Result<Sent, NotKept> {
  let parsed: unknown = request.parsed;
  let { writeKey } = request;
  if (writeKey === undefined && parsed === undefined && !request.malformed) {
    parsed = parseJson(request.body);
    writeKey = parsed === undefined ? writeKeyNear(request.body) : writeKeyIn(parsed);
  }
  if (writeKey === undefined) return failed({ code: 'missing_write_key' });
  const refusal = refusals.ofKey(writeKey, request.origin);
  const source = sources.sourceOf(writeKey);
  if (refusal || !source) return failed(refusal ?? { code: 'unknown_write_key' });
  const { sourceId = source.sourceId } = request;
  return sourceId === source.sourceId ? ok({ source, parsed }) : failed({ source, code: 'wrong_write_key' });
}
