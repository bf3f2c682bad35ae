import type { FastifyRequest } from 'fastify';
import { writeKeyOf } from '../http/request-headers.js';

/**
 * The write key of a request whose body bears none: the user of HTTP Basic, the header X-Write-Key (`key` or
 * `key:secret`), or `?writeKey=`, for senders that can be told an address and nothing else.
 */
export function keyOf({ headers, query }: Pick<FastifyRequest, 'headers' | 'query'>): string | undefined {
  const header = headers['x-write-key'];
  const named = typeof header === 'string' ? header.split(':', 1)[0] : '';
  const { writeKey } = (query ?? {}) as { readonly writeKey?: unknown };
  const asked = typeof writeKey === 'string' ? writeKey : '';
  return [writeKeyOf(headers.authorization), named, asked].find((key) => key !== undefined && key !== '');
}
