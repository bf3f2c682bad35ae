import type { Logger } from '@tributary/service';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer, ErrorCode } from '../intake/answer.js';
import { send } from './send.js';

const CLIENT_ERRORS: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_content_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_content_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_body',
};

/** Answers what was thrown. The path that is logged is the route's, never the request's: its query may bear the write key. */
export function sendFailure(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
  answerOf: (code: ErrorCode) => Answer,
): FastifyReply {
  const known = CLIENT_ERRORS[error.code];
  if (!known) logger.error({ err: error, route: request.routeOptions.url }, 'request failed');
  return send(reply, answerOf(known ?? 'internal_error'));
}
