import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Clock } from '@tributary/kernel';
import { CLOCK, LOGGER, type Logger } from '@tributary/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { writeKeyOfRequest, guardRoutes } from '../admission/admission.js';
import { bodyRefusal, readBody, readJsonBody } from '../body/request-body.js';
import { expectedBytes } from '../http/request-headers.js';
import { WEBHOOK_PATH } from '../http/routes.table.js';
import { send } from '../http/send.js';
import type { Answer, ErrorCode } from '../intake/answer.js';
import { Intake } from '../intake/intake.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import { REQUEST_LIMITS } from '../limits.js';
import { InFlight } from '../log/in-flight.js';
import { isFormType, readForm } from './form-body.js';
import { signatureProblem } from './signature.js';
import { readWebhook } from './webhook.reader.js';

/** Takes any JSON or form, and makes calls of it as its source says. */
@Injectable()
export class WebhookRoutes implements OnModuleInit {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly host: HttpAdapterHost,
    private readonly intake: Intake,
    private readonly inFlight: InFlight,
    private readonly metrics: IntakeMetrics,
  ) {}

  onModuleInit(): void {
    this.host.httpAdapter.getInstance<FastifyInstance>().register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      const limits = { parseAs: 'buffer', bodyLimit: REQUEST_LIMITS.bodyBytes } as const;
      scope.addContentTypeParser('*', limits, (_request, body, parsed) => {
        parsed(null, body);
      });
      const { intake, inFlight, metrics, logger } = this;
      guardRoutes(scope, { intake, inFlight, metrics, logger }, { refusalOf, bytesOf });
      scope.get(WEBHOOK_PATH, (request, reply) => this.#check(request, reply));
      scope.post(WEBHOOK_PATH, (request, reply) => this.#take(request, reply));
      done();
    });
  }

  /** Some programs ask before they save an address. */
  #check(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const source = this.intake.sourceOf(writeKeyOfRequest(request) ?? '');
    if (source?.sourceId !== sourceIdIn(request))
      return send(reply, this.intake.notKept(source, 'wrong_write_key'));
    return reply.header('cache-control', 'no-store').send(READY);
  }

  async #take(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { headers } = request;
    const contentType = headers['content-type'];
    const isForm = isFormType(contentType);
    const read = isForm ? await readBody(request.body, headers) : await readJsonBody(request.body, headers);
    if ('refusal' in read)
      return send(
        reply,
        this.intake.notKept(this.intake.sourceOf(writeKeyOfRequest(request) ?? ''), read.refusal),
      );
    const unsigned = this.#signatureRefusal(request, read.bytes);
    if (unsigned) return send(reply, unsigned);
    const form = isForm && !read.malformed ? await readForm(read.body, contentType) : undefined;
    const writeKey = writeKeyOfRequest(request);
    const taken = await this.intake.take({
      ...read,
      route: request.routeOptions.url ?? '',
      sourceId: sourceIdIn(request),
      read: readWebhook,
      ...(isForm && contentType !== undefined ? { contentType } : {}),
      ...(form ? { parsed: form } : {}),
      ...(writeKey === undefined ? {} : { writeKey }),
    });
    return send(reply, taken);
  }

  /** Nothing is kept of what is not signed as its source asks: anybody may have sent it. */
  #signatureRefusal(request: FastifyRequest, bytes: Buffer): Answer | undefined {
    const source = this.intake.sourceOf(writeKeyOfRequest(request) ?? '');
    const rules = source?.webhook?.signature;
    if (!source || !rules || source.sourceId !== sourceIdIn(request)) return undefined;
    const problem = signatureProblem(rules, request.headers, bytes, this.clock.now());
    return problem && this.intake.notKept(source, problem);
  }
}

const READY = { status: 'ok', message: 'send webhooks here by POST' } as const;

function sourceIdIn({ params }: FastifyRequest): string {
  return (params as { readonly source: string }).source;
}

function bytesOf({ method, url, headers }: FastifyRequest): number {
  return method === 'POST' ? expectedBytes(headers) : url.length;
}

function refusalOf({ headers }: FastifyRequest): ErrorCode | undefined {
  return bodyRefusal(headers, (kind, contentType) => kind !== 'other' || isFormType(contentType));
}
