import { Inject, Injectable } from '@nestjs/common';
import { toInstant, type Clock } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusals } from '../admission/refusals.js';
import type { CollectorConfig } from '../collector.config.js';
import { readJsonBody } from '../body/request-body.js';
import { Pipeline } from '../intake/pipeline.js';
import type { IntakeRequest } from '../intake/request.js';
import { SOURCE_REGISTRY, type Source, type SourceRegistry } from '../sources/source-registry.port.js';
import { rewriteOf, rewritten } from './protocols.js';
import { HttpMetrics } from './http.metrics.js';
import { analyticsJsSettings, rudderSourceConfig, type PublicAddress } from './library-settings.js';
import { foreignBytes, pixelBody, sendPixel } from './pixel.js';
import { deviceOf, publicAddressOf } from './request-headers.js';
import type { HandlersOf, RouteHandler } from './route-handler.js';
import type { Route } from './routes.table.js';
import { codeOf, send } from './send.js';
import { writeKeyOf } from './write-key.js';

type TrackingKinds = 'call' | 'batch' | 'merge' | 'pixel' | 'metrics' | 'settings' | 'source-config';

const SETTINGS_KEPT = 'private, max-age=60';

/** What each route of the tracking API does with a request that was admitted. */
@Injectable()
export class TrackingHandlers {
  readonly handlers: HandlersOf<TrackingKinds>;

  constructor(
    @Inject(CONFIG) private readonly config: CollectorConfig,
    @Inject(SOURCE_REGISTRY) private readonly sources: SourceRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly pipeline: Pipeline,
    private readonly metrics: HttpMetrics,
    private readonly refusals: Refusals,
  ) {
    const take: RouteHandler = (route, request, reply) => this.#take(route, request, reply);
    this.handlers = {
      call: take,
      batch: take,
      merge: take,
      pixel: (route, request, reply) => this.#pixel(route, request, reply),
      metrics: (route, _request, reply) => {
        this.metrics.dropped(route.path, 'client_metrics');
        return reply.send({ success: true });
      },
      settings: (route, request, reply) =>
        this.#document(route, request, reply, (_source, writeKey) =>
          analyticsJsSettings(writeKey, this.#addressFor(request)),
        ),
      'source-config': (route, request, reply) =>
        this.#document(route, request, reply, (source) =>
          rudderSourceConfig(source, toInstant(this.clock.now())),
        ),
    };
  }

  async #pixel(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    // A proxy that looks whether the image is there opens no mail.
    if (request.method === 'HEAD') return sendPixel(route, reply, this.metrics);
    const foreign = foreignBytes(request.url);
    const call: Pick<IntakeRequest, 'body' | 'malformed'> = foreign
      ? { body: foreign, malformed: 'invalid_utf8' }
      : { body: pixelBody(request.query) };
    const answer = await this.pipeline.take({ ...call, ...this.#factsOf(route, request) });
    return sendPixel(route, reply, this.metrics, codeOf(answer));
  }

  async #take(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { headers } = request;
    const read = await readJsonBody(request.body, headers);
    if ('refusal' in read) {
      const source = this.sources.sourceOf(writeKeyOf(request, route.keys) ?? '');
      return send(reply, this.refusals.answer({ source, code: read.refusal }));
    }
    const rewrite = read.malformed ? undefined : rewriteOf(route, headers);
    const body = rewrite ? rewritten(read.body, rewrite) : read.body;
    return send(reply, await this.pipeline.take({ ...read, body, ...this.#factsOf(route, request) }));
  }

  #factsOf(route: Route, request: FastifyRequest): Omit<IntakeRequest, 'body'> {
    const { headers } = request;
    const writeKey = writeKeyOf(request, route.keys);
    const type = route.reads === 'merge' ? 'identify' : route.type;
    return {
      route: route.path,
      ...(type === undefined ? {} : { type }),
      ...(writeKey === undefined ? {} : { writeKey }),
      ...(headers.origin === undefined ? {} : { origin: headers.origin }),
      ...(route.fromServers ? {} : deviceOf(headers, request.ip, this.config.COLLECTOR_TRUSTED_HOPS)),
    };
  }

  #document(
    route: Route,
    request: FastifyRequest,
    reply: FastifyReply,
    make: (source: Source, writeKey: string) => object,
  ): FastifyReply {
    const writeKey = writeKeyOf(request, route.keys);
    const source = writeKey === undefined ? undefined : this.sources.sourceOf(writeKey);
    if (writeKey === undefined || !source) {
      const code = writeKey === undefined ? 'missing_write_key' : 'unknown_write_key';
      return send(reply, this.refusals.answer({ code }));
    }
    return reply.header('cache-control', SETTINGS_KEPT).send(make(source, writeKey));
  }

  #addressFor({ headers, raw }: FastifyRequest): PublicAddress {
    const { COLLECTOR_PUBLIC_URL: publicUrl, COLLECTOR_TRUSTED_HOPS: trustedHops } = this.config;
    if (publicUrl !== undefined) {
      const [protocol, host = ''] = publicUrl.split('://');
      return { protocol: protocol === 'https' ? 'https' : 'http', host };
    }
    const { localAddress = '127.0.0.1', localPort = 80 } = raw.socket;
    const local = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
    return publicAddressOf(headers, trustedHops) ?? { protocol: 'http', host: `${local}:${localPort}` };
  }
}
