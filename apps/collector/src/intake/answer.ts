import type { RequestErrorCode } from '@tributary/contracts';
import { CHARSETS_NAMED } from '../body/charset.js';

/** One call that was not accepted, as the answer shows it. */
export interface RejectedCall {
  readonly index: number;
  readonly messageId?: string;
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

/** Code of a flag → how often it is in the calls that were accepted. */
export type FlagCounts = Readonly<Record<string, number>>;

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly retryAfterSeconds?: number;
  /** When the source may send again, in seconds since 1970. */
  readonly rateLimitReset?: number;
}

/** Request-level errors: code → status and text. Codes of single calls are those of the events library. */
export const ERRORS = {
  malformed_json: [400, 'the body is not JSON'],
  invalid_utf8: [400, 'the body is not UTF-8'],
  malformed_charset: [400, 'the body is not in the charset that Content-Type or its byte order mark names'],
  malformed_encoding: [400, 'the body is not in the encoding that Content-Encoding names'],
  invalid_body: [400, 'expected a JSON object; on /v1/batch with an array "batch"'],
  empty_batch: [400, 'the batch has no calls'],
  nothing_found: [400, "the source's webhook mapping finds nothing in the body"],
  unreadable_file: [
    400,
    'expected a file of JSON: a call a line (application/x-ndjson), an array of calls, or {"batch": […]}',
  ],
  line_too_long: [400, 'a line is longer than 64 KB'],
  invalid_skip: [400, 'expected of skip, in the query, how many lines of the file are to be passed over'],
  nothing_acceptable: [400, 'no call of the request is acceptable'],
  missing_write_key: [
    401,
    'expected the write key as user of HTTP Basic, in X-Write-Key, or as "writeKey" in the body or the query',
  ],
  unknown_write_key: [401, 'no source has this write key'],
  wrong_write_key: [401, 'the write key is not of the source in the path'],
  missing_signature: [401, 'the signature is missing that the source asks its webhooks for'],
  invalid_signature: [401, 'the signature does not fit the body and the secret of the source'],
  signature_expired: [401, 'the signature is older, or from further in the future, than the source allows'],
  source_disabled: [403, 'the source is disabled'],
  workspace_disabled: [403, 'the workspace of the source is disabled'],
  origin_not_allowed: [403, 'the source does not take calls from pages of this origin'],
  no_webhook: [404, 'the source has no webhook mapping'],
  unknown_route: [404, 'there is no such route'],
  file_interrupted: [408, 'nothing of the file came for 30 s; the lines that are counted are kept'],
  body_too_large: [413, 'the body is larger than 500 KB after decompression'],
  too_many_calls: [413, 'the batch has more than 2500 calls'],
  batch_too_large: [413, 'the calls, each with the context of the batch, are larger than 8 MB'],
  unsupported_content_type: [
    415,
    'expected JSON, with Content-Type application/json or text/plain; without a type only what begins with { or [',
  ],
  unsupported_charset: [415, `expected a charset that is known: ${CHARSETS_NAMED}`],
  unsupported_encoding: [415, 'expected Content-Encoding gzip, deflate, br, zstd or none'],
  rate_limited: [429, 'the source sends more events than its rate allows; send this again later'],
  quota_exceeded: [429, 'the workspace sends more events than its quota lets it; send this again later'],
  internal_error: [500, 'the request could not be handled'],
  overloaded: [503, 'too much is under way; try again'],
  sources_unknown: [503, 'which sources there are is not known yet; try again'],
  unavailable: [503, 'the event log does not answer; try again'],
} as const satisfies Record<RequestErrorCode, readonly [number, string]>;
export type ErrorCode = RequestErrorCode;

const RETRY_AFTER_SECONDS = 1;

export function errorAnswer(code: ErrorCode, more: object = {}, message = errorText(code)): Answer {
  const [status] = ERRORS[code];
  const body = { ...errorBody(code, message), ...more };
  return status === 503 ? { status, body, retryAfterSeconds: RETRY_AFTER_SECONDS } : { status, body };
}

/** The body of an error. Libraries of Segment and RudderStack look for the code and the message at its top. */
export function errorBody(code: string, message: string): object {
  return { error: { code, message }, code, message };
}

/** What the api is answered when what it asks for is none; it sees to it that nobody else ever is. */
export function invalidRequest(message: string): Answer {
  return { status: 400, body: errorBody('invalid_request', message) };
}

/** A batch is refused whole; it can be sent again after so many milliseconds. */
export function rateLimitedAnswer(code: ErrorCode, waitMs: number, now: number): Answer {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const rateLimitReset = Math.ceil((now + waitMs) / 1_000);
  return { ...errorAnswer(code), retryAfterSeconds, rateLimitReset };
}

/** 200 when at least one call was accepted, else 400: SDKs drop what gets 400 and send 5xx again. */
export function decidedAnswer(
  accepted: number,
  rejected: readonly RejectedCall[],
  flags: FlagCounts,
): Answer {
  if (accepted === 0) return errorAnswer('nothing_acceptable', { rejected });
  return {
    status: 200,
    body: { success: true, accepted, ...(rejected.length > 0 ? { rejected } : {}), ...flagsShown(flags) },
  };
}

/** The flags of accepted calls as an answer has them: not at all where there are none. */
export function flagsShown(flags: FlagCounts): { readonly flags?: FlagCounts } {
  return Object.keys(flags).length > 0 ? { flags } : {};
}

export function errorText(code: ErrorCode): string {
  return ERRORS[code][1];
}
