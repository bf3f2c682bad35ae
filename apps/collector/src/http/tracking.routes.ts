import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { LOGGER, type Logger } from '@tributary/service';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bodyRefusal } from '../body/request-body.js';
import type { Answer } from '../intake/answer.js';
import { Intake } from '../intake/intake.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import { REQUEST_LIMITS } from '../limits.js';
import { InFlight } from '../log/in-flight.js';
import type { Source } from '../sources/source-registry.port.js';
import { allowOrigin, preflight } from './cors.js';
import { sendFailure } from './failure.js';
import { expectedBytes } from './request-headers.js';
import { RouteHandlers } from './route-handlers.js';
import { hasEndpoint, knownRoutes, pathOf, ROUTES, type Route } from './routes.table.js';
import { codeOf, send } from './send.js';
import { writeKeyOf } from './write-key.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The row of the table; none for what is answered without one. */
    route?: Route;
  }
}

/**
 * The tracking API, as Fastify routes beside Nest's own: each request is parsed once, by us, with no pipe, guard or
 * interceptor between.
 */
@Injectable()
export class TrackingRoutes implements OnModuleInit {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly host: HttpAdapterHost,
    private readonly intake: Intake,
    private readonly inFlight: InFlight,
    private readonly metrics: IntakeMetrics,
    private readonly handlers: RouteHandlers,
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
    scope.setErrorHandler<FastifyError>((error, request, reply) =>
      sendFailure(error, request, reply, this.logger, (code) =>
        this.intake.notKept(this.#sourceOf(request), code),
      ),
    );
    for (const route of ROUTES) {
      if (hasEndpoint(route)) continue;
      scope.route({
        method: route.method,
        url: route.path,
        exposeHeadRoute: route.method === 'GET',
        config: { route },
        handler: this.handlers.of(route),
      });
    }
    scope.all('/*', (request, reply) => this.#elsewhere(request, reply));
  }

  /** Everything that can be said before the body is read. */
  #admit(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const { route } = request.routeOptions.config;
    // Fastify refuses an empty one, and takes none for what it is.
    if (request.headers['content-type'] === '') delete request.headers['content-type'];
    if (request.headers.origin !== undefined) allowOrigin(reply, request.headers.origin);
    if (!route) {
      this.#elsewhere(request, reply);
      return;
    }
    const writeKey = writeKeyOf(request, route.keys);
    const source = this.intake.sourceOf(writeKey ?? '');
    const sourceId = source?.sourceId;
    const bytes = route.method === 'GET' ? request.url.length : expectedBytes(request.headers);
    const refusal =
      this.#refusalOf(route, request, writeKey) ??
      (this.inFlight.reserve(bytes, sourceId) ? undefined : this.intake.notKept(source, 'overloaded'));
    reply.raw.once('close', () => {
      if (!refusal) this.inFlight.release(bytes, sourceId);
      this.metrics.answered(route.path, reply.statusCode, reply.elapsedTime / 1_000);
    });
    if (!refusal) done();
    else if (route.reads === 'pixel') this.handlers.sendPixel(route, reply, codeOf(refusal));
    else send(reply, refusal);
  }

  #refusalOf(route: Route, { headers }: FastifyRequest, writeKey: string | undefined): Answer | undefined {
    const refusal = writeKey === undefined ? undefined : this.intake.refusalOf(writeKey, headers.origin);
    if (refusal || route.method === 'GET') return refusal;
    const code = bodyRefusal(headers);
    return code && this.intake.notKept(this.intake.sourceOf(writeKey ?? ''), code);
  }

  #sourceOf(request: FastifyRequest): Source | undefined {
    const { route } = request.routeOptions.config;
    return this.intake.sourceOf((route && writeKeyOf(request, route.keys)) ?? '');
  }

  /** What is no route: a preflight of one, or a mistake. */
  #elsewhere({ method, url, headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (method === 'OPTIONS') return preflight(headers, reply);
    return send(reply, this.intake.notKept(undefined, 'unknown_route', knownRoutes(pathOf(url))));
  }
}
