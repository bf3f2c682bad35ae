import {
  Catch,
  HttpException,
  Inject,
  ServiceUnavailableException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { LOGGER, ROUTES, RouteList, type Logger } from '@tributary/service';
import { ApiError, ERROR_STATUS, type ApiFailure, type ErrorCode } from './api.errors.js';
import { MEDIA_TYPE_REMEDY } from './body-parser.js';
import type { Reply } from './reply.js';

/** Every failure is answered in one shape. What nobody expected is logged; the caller learns no more than that it happened. */
@Catch()
export class ApiExceptionFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ROUTES) private readonly routes: RouteList,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { url, method } = http.getRequest<{ readonly url: string; readonly method: string }>();
    const reply = http.getResponse<Reply>();
    // Probes have a shape of their own, which the platform around the service reads.
    if (exception instanceof ServiceUnavailableException) {
      reply.status(exception.getStatus()).send(exception.getResponse());
      return;
    }
    const failure = failureOf(exception, () => this.routes.missing(method, pathOf(url)));
    if (failure.code === 'internal_error') {
      this.logger.error({ err: exception, method, path: pathOf(url) }, 'request failed');
    }
    if (failure.code === 'unavailable') reply.header('retry-after', '1');
    if (failure.code === 'unauthorized') reply.header('www-authenticate', 'Basic realm="tributary", Bearer');
    reply.status(ERROR_STATUS[failure.code]).send({ error: failure });
  }
}

function failureOf(exception: unknown, missing: () => string): ApiFailure {
  if (exception instanceof ApiError) return exception.failure;
  const status = statusOf(exception);
  if (status === 404) return { code: 'route_not_found', message: missing() };
  if (status === 415) {
    const message = `Content-Type is no media type. ${MEDIA_TYPE_REMEDY}`;
    return { code: 'unsupported_media_type', message };
  }
  const code = CODES[status];
  if (code && exception instanceof Error) return { code, message: exception.message };
  return { code: 'internal_error', message: 'The request failed; the log of the service says why.' };
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  413: 'payload_too_large',
};

/** Nest's exceptions carry `status`, fastify's `statusCode`. */
function statusOf(exception: unknown): number {
  if (exception instanceof HttpException) return exception.getStatus();
  if (exception instanceof Error && 'statusCode' in exception) return Number(exception.statusCode);
  return 500;
}

/** Queries may carry identifiers: they stay out of logs and messages. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}
