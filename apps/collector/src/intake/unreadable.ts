import { jsonFault, nearBatch, nearText, type JsonFault } from '@tributary/events';
import { failed, type Result } from '@tributary/kernel';
import { REQUEST_LIMITS } from '../limits.js';
import { parseJson, readPayload, type Payload } from './payload.js';
import type { CallReason, Refusal } from './reasons.js';

const MESSAGE_ID = /"messageId"\s*:\s*"([^"\\]{1,100})"/;

/** A call of a request that is no JSON, among others that are. */
export class UnreadableCall {
  constructor(
    readonly bytes: Buffer,
    readonly reason: CallReason,
  ) {}

  /** Its own id, if that can be read. */
  get messageId(): string | undefined {
    return MESSAGE_ID.exec(this.bytes.toString('latin1'))?.[1];
  }
}

/** Why bytes that no parser takes are refused: the place, and what would be right. */
export function faultIn(bytes: Buffer): Refusal {
  const fault = jsonFault(bytes);
  if (!fault) return { code: 'malformed_json', field: '' };
  const { code, path: field } = fault;
  return { code, field, message: `${TEXTS[code]}: ${textOf(fault)}` };
}

const TEXTS: Readonly<Record<JsonFault['code'], string>> = {
  malformed_json: 'the body is not JSON',
  invalid_utf8: 'the body is not UTF-8',
};

/** As {@link faultIn}, of one call of several: `place` is the call's, `offset` where it begins. */
export function faultInCall(bytes: Buffer, place: string, offset: number): CallReason {
  const fault = jsonFault(bytes);
  if (!fault) return { code: 'malformed_json', field: '', message: 'the call is not JSON' };
  const { code, path } = fault;
  const within = place === '' || path === '' || path.startsWith('[') ? path : `.${path}`;
  const shown = { ...fault, path: `${place}${within}`, offset: offset + fault.offset };
  const text = code === 'invalid_utf8' ? 'the call is not UTF-8' : 'the call is not JSON';
  return { code, field: path, message: `${text}: ${textOf(shown)}` };
}

function textOf({ path, offset, message }: Pick<JsonFault, 'path' | 'offset' | 'message'>): string {
  return `${message}, at ${path === '' ? '' : `${path}, `}byte ${offset}`;
}

/** The write key in a body that is no JSON. */
export function writeKeyNear(body: Buffer): string | undefined {
  return nearText(body, 'writeKey');
}

/**
 * The calls of a batch that is no JSON: those that are, and the others each with its reason. Fails where the fault is
 * in what the calls have in common, or where it cannot be said which bytes are a call of their own.
 */
export function nearPayload(body: Buffer): Result<Payload, Refusal> {
  const near = nearBatch(body, REQUEST_LIMITS.calls);
  const envelope = near && parseJson(near.envelope);
  if (!near || envelope === undefined || near.calls.length === 0) return failed(faultIn(body));
  const calls = near.calls.map(({ bytes, offset }, index) => {
    const call = parseJson(bytes);
    return call ?? new UnreadableCall(bytes, faultInCall(bytes, `batch[${index}]`, offset));
  });
  return readPayload(Object.assign(envelope as object, { batch: calls }), undefined);
}
