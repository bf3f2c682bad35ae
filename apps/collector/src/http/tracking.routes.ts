import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CALL_TYPES, type CallType } from '@tributary/events';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CollectorConfig } from '../collector.config.js';
import { errorAnswer, type Answer, type ErrorCode } from '../intake/answer.js';
import { Intake } from '../intake/intake.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import { REQUEST_LIMITS } from '../limits.js';
import { InFlight } from '../log/in-flight.js';
import { allowedOriginOf } from '../sources/origins.js';
import { decompressed } from './decompression.js';
import { deviceOf, encodingOf, expectedBytes, isJsonType, writeKeyOf } from './request-headers.js';

const CLIENT_ERRORS: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_content_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_content_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_body',
};

/**
 * The tracking API, as Fastify routes beside Nest's own: each request is parsed once, by us, with no pipe, guard or
 * interceptor between.
 */
@Injectable()
export class TrackingRoutes implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly host: HttpAdapterHost,
    private readonly intake: Intake,
    private readonly inFlight: InFlight,
    private readonly metrics: IntakeMetrics,
  ) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.register((scope, _options, done) => {
      this.#serve(scope);
      done();
    });
  }

  #serve(scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: REQUEST_LIMITS.bodyBytes },
      (_request, body, done) => {
        done(null, body);
      },
    );
    scope.addHook('onRequest', (request, reply, done) => {
      this.#admit(request, reply, done);
    });
    scope.setErrorHandler<FastifyError>((error, request, reply) => this.#failed(error, request, reply));
    scope.options('/v1/*', (_request, reply) => preflight(reply));
    scope.post('/v1/batch', (request, reply) => this.#take(request, reply));
    scope.post('/v1/*', (_request, reply) => answer(reply, errorAnswer('unknown_route')));
    for (const type of CALL_TYPES) {
      scope.post(`/v1/${type}`, (request, reply) => this.#take(request, reply, type));
    }
  }

  /** Everything that can be said before the body is read. */
  #admit(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const { origin, authorization } = request.headers;
    const writeKey = writeKeyOf(authorization);
    const source = writeKey === undefined ? undefined : this.intake.sourceOf(writeKey);
    const allowed = allowedOriginOf(source, origin);
    if (allowed !== undefined) reply.header('access-control-allow-origin', allowed);
    if (source?.allowedOrigins) reply.header('vary', 'origin');
    if (request.method !== 'POST') {
      done();
      return;
    }
    const bytes = expectedBytes(request.headers);
    const refusal =
      this.#refusalOf(request, writeKey) ??
      (this.inFlight.reserve(bytes, source?.sourceId) ? undefined : errorAnswer('overloaded'));
    reply.raw.once('close', () => {
      if (!refusal) this.inFlight.release(bytes, source?.sourceId);
      this.metrics.answered(request.routeOptions.url ?? '', reply.statusCode, reply.elapsedTime / 1_000);
    });
    if (refusal) answer(reply, refusal);
    else done();
  }

  #refusalOf({ headers }: FastifyRequest, writeKey: string | undefined): Answer | undefined {
    const refused = writeKey === undefined ? undefined : this.intake.refusalOf(writeKey, headers.origin);
    if (refused) return refused;
    if (!isJsonType(headers['content-type'])) return errorAnswer('unsupported_content_type');
    if (!encodingOf(headers['content-encoding'])) return errorAnswer('unsupported_encoding');
    const isTooLarge = Number(headers['content-length'] ?? 0) > REQUEST_LIMITS.bodyBytes;
    return isTooLarge ? errorAnswer('body_too_large') : undefined;
  }

  async #take(request: FastifyRequest, reply: FastifyReply, type?: CallType): Promise<FastifyReply> {
    const { headers } = request;
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const encoding = encodingOf(headers['content-encoding']) ?? 'identity';
    const body = encoding === 'identity' ? undefined : await decompressed(bytes, encoding);
    if (body?.ok === false && body.error === 'body_too_large') return answer(reply, errorAnswer(body.error));
    const writeKey = writeKeyOf(headers.authorization);
    const taken = await this.intake.take({
      route: request.routeOptions.url ?? '',
      body: body?.ok ? body.value : bytes,
      malformed: body?.ok === false,
      ...(type === undefined ? {} : { type }),
      ...(writeKey === undefined ? {} : { writeKey }),
      ...(headers.origin === undefined ? {} : { origin: headers.origin }),
      ...deviceOf(headers, request.ip, this.config.COLLECTOR_TRUST_FORWARDED),
    });
    return answer(reply, taken);
  }

  #failed(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const known = CLIENT_ERRORS[error.code];
    if (!known) this.logger.error({ err: error, route: request.routeOptions.url }, 'request failed');
    return answer(reply, errorAnswer(known ?? 'internal_error'));
  }
}

function answer(
  reply: FastifyReply,
  { status, body, retryAfterSeconds, rateLimitReset }: Answer,
): FastifyReply {
  if (rateLimitReset !== undefined) reply.header('x-ratelimit-reset', String(rateLimitReset));
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  return reply.code(status).send(body);
}

/** Browser SDKs send Authorization and X-Retry-Count: both force a preflight, and both must be named in its answer. */
function preflight(reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .header('access-control-allow-origin', '*')
    .header('access-control-allow-methods', 'POST')
    .header('access-control-allow-headers', 'Authorization, Content-Type, Content-Encoding, X-Retry-Count')
    .header('access-control-max-age', '86400')
    .send();
}
