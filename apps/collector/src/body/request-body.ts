import type { IncomingHttpHeaders } from 'node:http';
import { decompressed, encodingIn, encodingOf } from './decompression.js';
import type { ErrorCode } from '../intake/answer.js';
import { REQUEST_LIMITS } from '../limits.js';
import { inUtf8, isKnownCharset } from './charset.js';
import { looksLikeJson, mediaKindOf, type MediaKind } from './media-type.js';

/** A body in UTF-8; or the bytes as they came, and why they cannot be read. */
export type RequestBody =
  | {
      readonly body: Buffer;
      /** As {@link body}, before its text was decoded. */
      readonly bytes: Buffer;
      readonly malformed?: 'malformed_encoding' | 'malformed_charset';
    }
  | { readonly refusal: ErrorCode };

/** Unpacks a body and decodes its text. */
export async function readBody(given: unknown, headers: IncomingHttpHeaders): Promise<RequestBody> {
  const bytes = Buffer.isBuffer(given) ? given : Buffer.alloc(0);
  const named = encodingOf(headers['content-encoding']) ?? 'identity';
  const unpacked = await decompressed(bytes, named === 'identity' ? encodingIn(bytes) : named);
  if (!unpacked.ok) {
    const { error } = unpacked;
    return error === 'body_too_large' ? { refusal: error } : { body: bytes, bytes, malformed: error };
  }
  const text = inUtf8(unpacked.value, headers['content-type']);
  const unread = { body: unpacked.value, bytes: unpacked.value };
  return text.ok ? { ...unread, body: text.value } : { ...unread, malformed: text.error };
}

/** As {@link readBody}, of a route that takes JSON only: what is not said to be JSON has to be it. */
export async function readJsonBody(given: unknown, headers: IncomingHttpHeaders): Promise<RequestBody> {
  const read = await readBody(given, headers);
  if ('refusal' in read || read.malformed || mediaKindOf(headers['content-type']) === 'json') return read;
  return read.body.length === 0 || looksLikeJson(read.body) ? read : { refusal: 'unsupported_content_type' };
}

/** What is wrong with the headers of a body, of which nothing is read then. */
export function bodyRefusal(
  headers: IncomingHttpHeaders,
  takes: (kind: MediaKind, contentType: string | undefined) => boolean = (kind) => kind !== 'other',
): ErrorCode | undefined {
  const { 'content-type': contentType } = headers;
  if (!takes(mediaKindOf(contentType), contentType)) return 'unsupported_content_type';
  if (!isKnownCharset(contentType)) return 'unsupported_charset';
  if (!encodingOf(headers['content-encoding'])) return 'unsupported_encoding';
  return Number(headers['content-length'] ?? 0) > REQUEST_LIMITS.bodyBytes ? 'body_too_large' : undefined;
}
