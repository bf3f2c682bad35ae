import {
  Catch,
  HttpException,
  Inject,
  ServiceUnavailableException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { errorBody, HTTP_ERRORS } from './http-server.js';
import type { Logger } from './logging.js';
import { RouteList } from './route-list.js';
import { LOGGER, ROUTES } from './tokens.js';

/** What is used of Fastify's reply. */
export interface HttpReply {
  status(code: number): HttpReply;
  header(name: string, value: string): HttpReply;
  send(body: unknown): HttpReply;
}

/** The answer to a failure. A status of 500 says that nobody expected it. */
export interface HttpFailure {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Answers failures in the one shape of all services, and logs those that nobody expected, without the query, which may
 * carry identifiers. It is for the routes that every service has; a service with routes of its own brings a filter that
 * comes before this one, and extends it.
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
    const reply = http.getResponse<HttpReply>();
    const path = url.split('?', 1)[0] ?? '';
    // Probes have a shape of their own, which the platform around the service reads.
    if (exception instanceof ServiceUnavailableException) {
      reply.status(503).send(exception.getResponse());
      return;
    }
    const { status, body, headers = {} } = this.failureOf(exception, () => this.routes.missing(method, path));
    if (status === 500) this.logger.error({ err: exception, method, path }, 'request failed');
    for (const [name, value] of Object.entries(headers)) reply.header(name, value);
    reply.status(status).send(body);
  }

  /** What is answered; `missing` is a sentence on a route that is not there. */
  protected failureOf(exception: unknown, missing: () => string): HttpFailure {
    // Its routes take no body and no parameter: whatever else a request has is meant for another route.
    const [code, message] =
      statusOf(exception) < 500 ? (['route_not_found', missing()] as const) : (['internal_error'] as const);
    return { status: HTTP_ERRORS[code][0], body: errorBody(code, message) };
  }
}

/** The status of an error: Nest's carry `status`, Fastify's `statusCode`; 500 of any other. */
export function statusOf(exception: unknown): number {
  if (exception instanceof HttpException) return exception.getStatus();
  return exception instanceof Error && 'statusCode' in exception ? Number(exception.statusCode) : 500;
}
