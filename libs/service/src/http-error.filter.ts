import {
  Catch,
  HttpException,
  Inject,
  ServiceUnavailableException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { errorBody, HTTP_ERRORS, type HttpErrorCode } from './http-server.js';
import type { Logger } from './logging.js';
import { RouteList } from './route-list.js';
import { LOGGER, ROUTES } from './tokens.js';

interface Reply {
  status(code: number): Reply;
  send(body: unknown): Reply;
}

/**
 * Answers failures in the one shape of all services. It is for the routes that every service has; a service with
 * routes of its own brings a filter that comes before this one.
 */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ROUTES) private readonly routes: RouteList,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { url, method } = http.getRequest<{ readonly url: string; readonly method: string }>();
    const reply = http.getResponse<Reply>();
    const path = url.split('?', 1)[0] ?? '';
    // Probes have a shape of their own, which the platform around the service reads.
    if (exception instanceof ServiceUnavailableException) {
      reply.status(503).send(exception.getResponse());
      return;
    }
    const code: HttpErrorCode = isRequestError(exception) ? 'route_not_found' : 'internal_error';
    if (code === 'internal_error') this.logger.error({ err: exception, method, path }, 'request failed');
    const message = code === 'route_not_found' ? this.routes.missing(method, path) : undefined;
    reply.status(HTTP_ERRORS[code][0]).send(errorBody(code, message));
  }
}

/** Its routes take no body and no parameter: whatever else a request has is meant for another route. */
function isRequestError(exception: unknown): boolean {
  if (exception instanceof HttpException) return exception.getStatus() < 500;
  return exception instanceof Error && 'statusCode' in exception && Number(exception.statusCode) < 500;
}
