import type { FastifyReply } from 'fastify';
import type { Answer } from '../intake/answer.js';
import { refuseOrigin } from './cors.js';

export function send(
  reply: FastifyReply,
  { status, body, retryAfterSeconds, rateLimitReset }: Answer,
): FastifyReply {
  if (rateLimitReset !== undefined) reply.header('x-ratelimit-reset', String(rateLimitReset));
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  if (codeOf({ body }) === 'origin_not_allowed') refuseOrigin(reply);
  return reply.code(status).send(body);
}

/** The code of an error's answer. */
export function codeOf({ body }: Pick<Answer, 'body'>): string | undefined {
  return 'error' in body ? (body.error as { readonly code: string }).code : undefined;
}
