import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { LOGGER, type Logger } from '@tributary/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { doorKey, guardDoor } from '../doors/door.js';
import { bodyRefusal, readJsonBody } from '../body/request-body.js';
import { expectedBytes } from '../http/request-headers.js';
import { send } from '../http/send.js';
import { errorAnswer, type ErrorCode } from '../intake/answer.js';
import { Intake } from '../intake/intake.js';
import { IntakeMetrics } from '../intake/intake.metrics.js';
import { REQUEST_LIMITS } from '../limits.js';
import { InFlight } from '../log/in-flight.js';
import { readWebhook } from './webhook.reader.js';

/** Takes any JSON, and makes calls of it as its source says. */
@Injectable()
export class WebhookRoutes implements OnModuleInit {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
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
      guardDoor(scope, { intake, inFlight, metrics, logger }, { refusalOf, bytesOf });
      scope.post('/v1/webhook/:source', (request, reply) => this.#take(request, reply));
      done();
    });
  }

  async #take(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const read = await readJsonBody(request.body, request.headers);
    if ('refusal' in read) return send(reply, errorAnswer(read.refusal));
    const writeKey = doorKey(request);
    const taken = await this.intake.take({
      ...read,
      route: request.routeOptions.url ?? '',
      sourceId: (request.params as { readonly source: string }).source,
      read: readWebhook,
      ...(writeKey === undefined ? {} : { writeKey }),
    });
    return send(reply, taken);
  }
}

function bytesOf({ headers }: FastifyRequest): number {
  return expectedBytes(headers);
}

function refusalOf({ headers }: FastifyRequest): ErrorCode | undefined {
  return bodyRefusal(headers);
}
