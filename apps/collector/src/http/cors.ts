import type { FastifyReply } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';

const USUAL_HEADERS =
  'Authorization, AnonymousId, Content-Encoding, Content-Type, X-IP-Policy, X-Retry-Count, X-Write-Key';
const HEADER_NAMES = /^[\w-]+(\s*,\s*[\w-]+)*$/;

/**
 * Lets the page read the answer. `sendBeacon` sends with credentials, and then neither `*` nor silence about them will
 * do; nothing here hangs on credentials that a browser adds by itself.
 */
export function allowOrigin(reply: FastifyReply, origin: string): void {
  reply
    .header('access-control-allow-origin', origin)
    .header('access-control-allow-credentials', 'true')
    .header('access-control-expose-headers', 'Retry-After, X-RateLimit-Reset')
    .header('vary', 'Origin');
}

export function refuseOrigin(reply: FastifyReply): void {
  for (const name of ['allow-origin', 'allow-credentials', 'expose-headers']) {
    reply.removeHeader(`access-control-${name}`);
  }
}

/**
 * A preflight has no write key, so it is answered for every origin; the request that follows is refused where the
 * source does not have its origin. Libraries bring headers of their own, and each must be named.
 */
export function preflight(headers: IncomingHttpHeaders, reply: FastifyReply): FastifyReply {
  const wanted = headers['access-control-request-headers']?.trim() ?? '';
  return reply
    .code(204)
    .header('access-control-allow-methods', 'GET, POST')
    .header('access-control-allow-headers', HEADER_NAMES.test(wanted) ? wanted : USUAL_HEADERS)
    .header('access-control-max-age', '86400')
    .send();
}
