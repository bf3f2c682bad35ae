import { Inject, Injectable } from '@nestjs/common';
import { ApiToken, CONFIG, isInternal, LOGGER, type Logger } from '@tributary/service';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { CollectorConfig } from '../collector.config.js';
import { allowOrigin, preflight } from '../http/cors.js';
import { HttpMetrics } from '../http/http.metrics.js';
import { sendPixel } from '../http/pixel.js';
import { knownRoutes, pathOf, type Route } from '../http/routes.table.js';
import { codeOf, send } from '../http/send.js';
import { writeKeyOf } from '../http/write-key.js';
import { errorAnswer, errorBody, invalidRequest, type Answer, type ErrorCode } from '../intake/answer.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import { holderOf, InFlight } from '../log/in-flight.js';
import { SOURCE_REGISTRY, type Source, type SourceRegistry } from '../sources/source-registry.port.js';
import { Refusals } from './refusals.js';
import { ADMISSION_RULES, type AdmissionRules } from './rules.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The row of the table; none for what is answered without one. */
    route?: Route;
  }
}

const CLIENT_ERRORS: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_content_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_content_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_body',
};

const NO_TOKEN: Answer = {
  status: 401,
  body: errorBody('unauthorized', 'expected the token of the API as bearer'),
};

/**
 * Stands before every route: refuses a request by its key, its origin, the rate of its source, its headers and the
 * memory that is left, before anything of its body is read; and answers what goes wrong behind it.
 */
@Injectable()
export class Admission {
  readonly #token: ApiToken;

  constructor(
    @Inject(CONFIG) config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SOURCE_REGISTRY) private readonly sources: SourceRegistry,
    private readonly refusals: Refusals,
    private readonly inFlight: InFlight,
    private readonly metrics: IntakeMetrics,
    private readonly httpMetrics: HttpMetrics,
  ) {
    this.#token = new ApiToken(config.TRIBUTARY_API_TOKEN);
  }

  /** The `onRequest` hook. */
  admit(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const { headers, routeOptions } = request;
    const { route } = routeOptions.config;
    const rules = route && ADMISSION_RULES[route.reads];
    // Fastify refuses an empty one, and takes none for what it is.
    if (headers['content-type'] === '') delete headers['content-type'];
    if (headers.origin !== undefined && rules?.isForPages !== false) allowOrigin(reply, headers.origin);
    if (!rules || (rules.sender === 'api' && !isInternal(request))) {
      this.elsewhere(request, reply);
      return;
    }
    const key = writeKeyOf(request, route.keys);
    const source = key === undefined ? undefined : this.sources.sourceOf(key);
    const holder = source && holderOf(source);
    const bytes = rules.bytesOf(request);
    const refusal =
      (rules.sender === 'api'
        ? this.#tokenRefusal(headers.authorization)
        : this.#requestRefusal(rules, request, key, source)) ??
      (this.inFlight.reserve(bytes, holder) ? undefined : this.#refused(rules, source, 'overloaded'));
    reply.raw.once('close', () => {
      if (!refusal) this.inFlight.release(bytes, holder);
      if (rules.sender === 'source')
        this.metrics.answered(route.path, reply.statusCode, reply.elapsedTime / 1_000);
    });
    if (!refusal) done();
    else if (route.reads === 'pixel') sendPixel(route, reply, this.httpMetrics, codeOf(refusal));
    else send(reply, refusal);
  }

  /** The error handler. The path that is logged is the route's, never the request's: its query may hold the write key. */
  failed(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { url, config } = request.routeOptions;
    const { route } = config;
    if (route?.reads === 'replay') return this.#replayFailed(error, reply);
    const known = CLIENT_ERRORS[error.code];
    if (!known) this.logger.error({ err: error, route: url }, 'request failed');
    const source = this.sources.sourceOf((route && writeKeyOf(request, route.keys)) ?? '');
    return send(reply, this.refusals.answer({ source, code: known ?? 'internal_error' }));
  }

  /** Answers what is no route: a preflight of one, or a mistake. */
  elsewhere({ method, url, headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (method === 'OPTIONS') return preflight(headers, reply);
    return send(reply, this.refusals.answer({ code: 'unknown_route' }, knownRoutes(pathOf(url))));
  }

  #requestRefusal(
    { needsKey, refusalOf }: AdmissionRules,
    { headers }: FastifyRequest,
    key: string | undefined,
    source: Source | undefined,
  ): Answer | undefined {
    const refusal =
      key === undefined
        ? needsKey(headers) && ({ code: 'missing_write_key' } as const)
        : this.refusals.ofKey(key, headers.origin);
    if (refusal) return this.refusals.answer(refusal);
    const code = refusalOf(headers);
    return code && this.refusals.answer({ source, code });
  }

  #tokenRefusal(authorization: string | undefined): Answer | undefined {
    return this.#token.isIn(authorization) ? undefined : NO_TOKEN;
  }

  /** The api counts its own requests. */
  #refused({ sender }: AdmissionRules, source: Source | undefined, code: ErrorCode): Answer {
    return sender === 'api' ? errorAnswer(code) : this.refusals.answer({ source, code });
  }

  #replayFailed(error: FastifyError, reply: FastifyReply): FastifyReply {
    const { statusCode = 500, message } = error;
    if (statusCode < 500) return send(reply, invalidRequest(message));
    this.logger.error({ err: error }, 'replay failed');
    return send(reply, errorAnswer('internal_error'));
  }
}
