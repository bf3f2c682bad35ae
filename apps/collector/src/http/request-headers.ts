import type { IncomingHttpHeaders } from 'node:http';
import { REQUEST_LIMITS } from '../limits.js';

/** The user of HTTP Basic; undefined for no header, another scheme or an empty user. */
export function writeKeyOf(authorization: string | undefined): string | undefined {
  if (!authorization || !/^basic /i.test(authorization)) return undefined;
  const credentials = Buffer.from(authorization.slice(6).trim(), 'base64').toString('utf8');
  const colon = credentials.indexOf(':');
  return (colon < 0 ? credentials : credentials.slice(0, colon)) || undefined;
}

/**
 * Content types that clients send JSON as: browsers text/plain, to be spared a preflight; curl that of forms, unless
 * told otherwise.
 */
export function isJsonType(contentType: string | undefined): boolean {
  return (
    contentType === undefined ||
    contentType === '' ||
    /^(application\/(([\w.-]+\+)?json|x-www-form-urlencoded)|text\/plain)\s*(;|$)/i.test(contentType)
  );
}

export type Encoding = 'identity' | 'gzip' | 'deflate';

export function encodingOf(contentEncoding: string | undefined): Encoding | undefined {
  const name = (contentEncoding ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return 'identity';
  if (name === 'gzip' || name === 'x-gzip') return 'gzip';
  return name === 'deflate' ? 'deflate' : undefined;
}

/** JSON of events seldom shrinks to less than a tenth. */
const USUAL_RATIO = 10;

/** The bytes to expect of a body, decompressed; the most there may be where its length is not said. */
export function expectedBytes(headers: IncomingHttpHeaders): number {
  const length = Number(headers['content-length'] ?? REQUEST_LIMITS.bodyBytes);
  const ratio = headers['content-encoding'] ? USUAL_RATIO : 1;
  return Math.min(length * ratio, REQUEST_LIMITS.bodyBytes);
}

const DEVICE_AGENT = /^Mozilla\/|^Dalvik\/| CFNetwork\/| Darwin\//;

/** Address and agent of the person's device; nothing when the request comes from a server, which sends its own. */
export function deviceOf(
  headers: IncomingHttpHeaders,
  peer: string,
  trustForwarded: boolean,
): { readonly ip?: string; readonly userAgent?: string } {
  const userAgent = headers['user-agent'];
  if (userAgent === undefined || !DEVICE_AGENT.test(userAgent)) return {};
  const forwarded = trustForwarded ? firstOf(headers['x-forwarded-for']) : undefined;
  return { ip: forwarded ?? peer, userAgent };
}

function firstOf(forwarded: string | readonly string[] | undefined): string | undefined {
  const list = typeof forwarded === 'string' ? forwarded : forwarded?.[0];
  const first = list?.split(',', 1)[0]?.trim();
  return first === '' ? undefined : first;
}
