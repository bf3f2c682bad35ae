import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyError, FastifyInstance } from 'fastify';
import { Admission } from '../admission/admission.js';
import { ImportHandlers } from '../import/import.handlers.js';
import { REQUEST_LIMITS } from '../limits.js';
import { ReplayHandlers } from '../replay/replay.handlers.js';
import { WebhookHandlers } from '../webhook/webhook.handlers.js';
import type { HandlersOf } from './route-handler.js';
import { REPLAY_ROUTE, ROUTES, type BodyReader, type Reads } from './routes.table.js';
import { TrackingHandlers } from './tracking.handlers.js';

/**
 * Every route of the collector, as one Fastify plugin beside Nest's own routes: one table, one admission, one handler a
 * kind of route, and no pipe, guard or interceptor between.
 */
@Injectable()
export class CollectorRoutes implements OnModuleInit {
  readonly #handlers: HandlersOf<Reads>;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly admission: Admission,
    tracking: TrackingHandlers,
    webhook: WebhookHandlers,
    files: ImportHandlers,
    replay: ReplayHandlers,
  ) {
    this.#handlers = {
      ...tracking.handlers,
      ...webhook.handlers,
      ...files.handlers,
      ...replay.handlers,
    };
  }

  onModuleInit(): void {
    this.host.httpAdapter.getInstance<FastifyInstance>().register((scope, _options, done) => {
      scope.addHook('onRequest', (request, reply, next) => {
        this.admission.admit(request, reply, next);
      });
      scope.setErrorHandler<FastifyError>((error, request, reply) =>
        this.admission.failed(error, request, reply),
      );
      for (const body of ['bytes', 'json', 'stream'] as const) this.#register(scope, body);
      scope.all('/*', (request, reply) => this.admission.elsewhere(request, reply));
      done();
    });
  }

  /** Registers the routes whose bodies are read in one way: Fastify has its parsers by scope. */
  #register(parent: FastifyInstance, reader: BodyReader): void {
    parent.register((scope, _options, done) => {
      PARSERS[reader](scope);
      for (const route of [...ROUTES, REPLAY_ROUTE]) {
        if (route.body !== reader) continue;
        const handle = this.#handlers[route.reads];
        scope.route({
          method: route.method,
          url: route.path,
          exposeHeadRoute: route.method === 'GET',
          config: { route, bodyMayLast: reader === 'stream' },
          ...(reader === 'json' && { bodyLimit: REQUEST_LIMITS.replayBytes }),
          handler: (request, reply) => handle(route, request, reply),
        });
      }
      done();
    });
  }
}

const PARSERS: Readonly<Record<BodyReader, (scope: FastifyInstance) => void>> = {
  bytes: (scope) => {
    scope.removeAllContentTypeParsers();
    const limits = { parseAs: 'buffer', bodyLimit: REQUEST_LIMITS.bodyBytes } as const;
    scope.addContentTypeParser('*', limits, (_request, body, parsed) => {
      parsed(null, body);
    });
  },
  stream: (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, parsed) => {
      parsed(null, payload);
    });
  },
  // Fastify's own.
  json: () => undefined,
};
