import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { BoundedLabel, METRICS, MOST_LABELLED_WORKSPACES } from '@tributary/service';
import { Counter, Histogram, Registry } from 'prom-client';
import type { AccessRequest } from '../access/caller.js';
import { DEFINITIONS_BYTES } from '../definitions/definitions.bounds.js';
import { beginRequest } from '../workspaces/current-workspace.js';
import { readJsonOnly } from './body-parser.js';

const NO_ROUTE = 'none';
const NO_WORKSPACE = 'none';

/** What is done to every request, whatever its route. */
@Injectable()
export class RequestHooks implements OnModuleInit {
  readonly #duration: Histogram<'method' | 'route' | 'status'>;
  readonly #requests: Counter<'workspace'>;
  readonly #workspaces = new BoundedLabel(MOST_LABELLED_WORKSPACES);

  constructor(
    @Inject(METRICS) registry: Registry,
    private readonly host: HttpAdapterHost<FastifyAdapter>,
  ) {
    this.#duration = new Histogram({
      name: 'tributary_api_request_duration_seconds',
      help: 'From the first byte of a request to the last of its answer; its count is that of the requests',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 120],
      registers: [registry],
    });
    this.#requests = new Counter({
      name: 'tributary_api_requests_total',
      help: 'Requests by the workspace that they are about; none: it is not known',
      labelNames: ['workspace'],
      registers: [registry],
    });
    // Nest makes the routes before it calls onModuleInit.
    host.httpAdapter.getInstance().addHook('onRoute', (route) => {
      if (route.url === '/v1/definitions') route.bodyLimit = DEFINITIONS_BYTES;
    });
  }

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance();
    readJsonOnly(fastify);
    fastify.addHook('onRequest', (request, _reply, done) => {
      // Many clients name a type for every request; a parser would complain that there is no JSON in nothing.
      const { headers } = request.raw;
      const isEmpty =
        headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
      // Fastify refuses an empty type, and reads a body that has none.
      if (isEmpty || headers['content-type'] === '') delete headers['content-type'];
      done();
    });
    // Behind the reading of the body, which goes on elsewhere.
    fastify.addHook('preHandler', (_request, _reply, done) => {
      beginRequest(done);
    });
    fastify.addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? NO_ROUTE;
      const labels = { method: request.method, route, status: String(reply.statusCode) };
      this.#duration.observe(labels, reply.elapsedTime / 1_000);
      const about = (request as Partial<AccessRequest>).caller?.workspace;
      this.#requests.inc({ workspace: about === undefined ? NO_WORKSPACE : this.#workspaces.of(about) });
      done();
    });
  }
}
