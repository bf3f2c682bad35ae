import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusals } from '../admission/refusals.js';
import { readBody, readJsonBody } from '../body/request-body.js';
import type { HandlersOf } from '../http/route-handler.js';
import type { Route } from '../http/routes.table.js';
import { send } from '../http/send.js';
import { writeKeyOf } from '../http/write-key.js';
import type { Answer } from '../intake/answer.js';
import { Pipeline } from '../intake/pipeline.js';
import { SOURCE_REGISTRY, type Source, type SourceRegistry } from '../sources/source-registry.port.js';
import { isFormType, readForm } from './form-body.js';
import { signatureProblem } from './signature.js';
import { readWebhook } from './webhook.reader.js';

/** Takes any JSON or form, and makes calls of it as its source says. */
@Injectable()
export class WebhookHandlers {
  readonly handlers: HandlersOf<'webhook' | 'webhook-check'> = {
    webhook: (route, request, reply) => this.#take(route, request, reply),
    'webhook-check': (route, request, reply) => this.#check(route, request, reply),
  };

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SOURCE_REGISTRY) private readonly sources: SourceRegistry,
    private readonly pipeline: Pipeline,
    private readonly refusals: Refusals,
  ) {}

  /** Some programs ask before they save an address. */
  #check(route: Route, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const source = this.#sourceOf(route, request);
    if (source?.sourceId !== sourceIdIn(request))
      return send(reply, this.refusals.answer({ source, code: 'wrong_write_key' }));
    return reply.header('cache-control', 'no-store').send(READY);
  }

  async #take(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { headers } = request;
    const contentType = headers['content-type'];
    const isForm = isFormType(contentType);
    const read = isForm ? await readBody(request.body, headers) : await readJsonBody(request.body, headers);
    const source = this.#sourceOf(route, request);
    if ('refusal' in read) return send(reply, this.refusals.answer({ source, code: read.refusal }));
    const unsigned = this.#signatureRefusal(source, request, read.bytes);
    if (unsigned) return send(reply, unsigned);
    const form = isForm && !read.malformed ? await readForm(read.body, contentType) : undefined;
    const writeKey = writeKeyOf(request, route.keys);
    const taken = await this.pipeline.take({
      ...read,
      route: route.path,
      sourceId: sourceIdIn(request),
      read: readWebhook,
      ...(isForm && contentType !== undefined ? { contentType } : {}),
      ...(form ? { parsed: form } : {}),
      ...(writeKey === undefined ? {} : { writeKey }),
    });
    return send(reply, taken);
  }

  /** Nothing is kept of what is not signed as its source asks: anybody may have sent it. */
  #signatureRefusal(source: Source | undefined, request: FastifyRequest, bytes: Buffer): Answer | undefined {
    const rules = source?.webhook?.signature;
    if (!source || !rules || source.sourceId !== sourceIdIn(request)) return undefined;
    const problem = signatureProblem(rules, request.headers, bytes, this.clock.now());
    return problem && this.refusals.answer({ source, code: problem });
  }

  #sourceOf(route: Route, request: FastifyRequest): Source | undefined {
    return this.sources.sourceOf(writeKeyOf(request, route.keys) ?? '');
  }
}

const READY = { status: 'ok', message: 'send webhooks here by POST' } as const;

function sourceIdIn({ params }: FastifyRequest): string {
  return (params as { readonly source: string }).source;
}
