import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { guardOf, ReplayRequest } from '@tributary/contracts';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { CollectorConfig } from '../collector.config.js';
import { send } from '../http/send.js';
import { errorAnswer, errorBody, type Answer } from '../intake/answer.js';
import { InFlight } from '../log/in-flight.js';
import { Replay } from './replay.js';

const BODY_BYTES = 16 * 1024 * 1024;
const isReplay = guardOf(ReplayRequest);

/** For the api alone, which has the token: it asks for what is in its tables, and owns no topic of events. */
@Injectable()
export class ReplayRoutes implements OnModuleInit {
  readonly #expected: Buffer;

  constructor(
    @Inject(CONFIG) config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly host: HttpAdapterHost,
    private readonly inFlight: InFlight,
    private readonly replay: Replay,
  ) {
    this.#expected = digestOf(`Bearer ${config.TRIBUTARY_API_TOKEN}`);
  }

  onModuleInit(): void {
    this.host.httpAdapter.getInstance<FastifyInstance>().register((scope, _options, done) => {
      scope.addHook('onRequest', (request, reply, next) => {
        this.#admit(request, reply, next);
      });
      scope.setErrorHandler<FastifyError>((error, _request, reply) => {
        const status = error.statusCode ?? 500;
        if (status >= 500) this.logger.error({ err: error }, 'replay failed');
        return send(reply, status >= 500 ? errorAnswer('internal_error') : invalid(error.message));
      });
      scope.post('/internal/v1/replay', { bodyLimit: BODY_BYTES }, (request, reply) =>
        this.#take(request, reply),
      );
      done();
    });
  }

  #admit(request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    if (!timingSafeEqual(digestOf(request.headers.authorization ?? ''), this.#expected)) {
      send(reply, {
        status: 401,
        body: errorBody('unauthorized', 'expected the token of the API as bearer'),
      });
      return;
    }
    const bytes = Number(request.headers['content-length'] ?? BODY_BYTES);
    if (!this.inFlight.reserve(bytes)) {
      send(reply, errorAnswer('overloaded'));
      return;
    }
    reply.raw.once('close', () => {
      this.inFlight.release(bytes);
    });
    next();
  }

  async #take({ body }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (!isReplay(body)) return send(reply, invalid('the body is no request to replay'));
    const replayed = await this.replay.again(body);
    if (replayed.ok) return send(reply, { status: 200, body: replayed.value });
    const { error } = replayed;
    return send(reply, typeof error === 'string' ? errorAnswer(error) : invalid(error.mapping));
  }
}

function invalid(message: string): Answer {
  return { status: 400, body: errorBody('invalid_request', message) };
}

/** Of one length whatever the text's, so that comparing tells nothing. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
