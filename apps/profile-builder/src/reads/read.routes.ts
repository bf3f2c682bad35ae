import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  guardOf,
  parseAccountRead,
  StateRead,
  STATE_READ_PURPOSE,
  stateReadPath,
  writeStateAnswers,
  type StateAnswer,
  type StateReader,
} from '@tributary/contracts';
import { readsOf, type ProcessorReads } from '@tributary/processing';
import { ApiToken, CONFIG, isInternal, METRICS, tokenFor } from '@tributary/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import type { ProfileBuilderConfig } from '../profile-builder.config.js';

const BODY_BYTES = 262_144;
const MISDIRECTED = writeStateAnswers([{ state: 'misdirected' }]);
const isRead = guardOf(StateRead);

/** For the api alone, which has the token, at the internal address: beside Nest's routes, with nothing between. */
@Injectable()
export class ReadRoutes implements OnModuleInit {
  readonly #token: ApiToken;
  readonly #processors: Readonly<Record<StateReader, ProcessorReads>>;
  readonly #reads: Counter<'processor' | 'answer'>;

  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(CONFIG) config: ProfileBuilderConfig,
    @Inject(METRICS) metrics: Registry,
    @Inject(readsOf('profiles')) profiles: ProcessorReads,
    @Inject(readsOf('fragments')) fragments: ProcessorReads,
    @Inject(readsOf('accounts')) accounts: ProcessorReads,
  ) {
    this.#token = new ApiToken(tokenFor(STATE_READ_PURPOSE, config.TRIBUTARY_API_TOKEN));
    this.#processors = { profiles, fragments, accounts };
    this.#reads = new Counter({
      name: 'tributary_profile_builder_reads_total',
      help: 'Keys that the api asked for, by processor and answer; misdirected: another process owns the partition, or nobody yet',
      labelNames: ['processor', 'answer'],
      registers: [metrics],
    });
  }

  onModuleInit(): void {
    this.host.httpAdapter.getInstance<FastifyInstance>().register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      const limits = { parseAs: 'string', bodyLimit: BODY_BYTES } as const;
      scope.addContentTypeParser<string>('application/json', limits, (_request, body, parsed) => {
        parsed(null, jsonOf(body));
      });
      for (const reader of ['profiles', 'fragments', 'accounts'] as const)
        scope.post(stateReadPath(reader), (request, reply) => this.#answer(reader, request, reply));
      done();
    });
  }

  #answer(reader: StateReader, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { body, headers } = request;
    if (!isInternal(request)) return refuse(reply, 404, 'route_not_found', 'there is no such route');
    if (!this.#token.isIn(headers.authorization))
      return refuse(reply, 401, 'unauthorized', 'expected the token for state reads as bearer');
    if (!isRead(body)) return refuse(reply, 400, 'invalid_request', 'expected {"keys": […]}');
    const text = writeStateAnswers(this.#answers(reader, body.keys));
    if (text === MISDIRECTED.repeat(body.keys.length)) reply.code(421);
    return reply.type('text/plain; charset=utf-8').send(text);
  }

  *#answers(reader: StateReader, keys: readonly string[]): IterableIterator<StateAnswer> {
    for (const key of keys) yield this.#read(reader, key);
  }

  #read(processor: StateReader, key: string): StateAnswer {
    const owner = processor === 'accounts' ? parseAccountRead(key).account : key;
    const reading = this.#processors[processor].read(key, owner);
    const answer: StateAnswer = !reading
      ? { state: 'misdirected' }
      : reading.text === undefined
        ? { state: 'unknown', asOf: reading.asOf }
        : { state: 'found', text: reading.text, asOf: reading.asOf };
    this.#reads.inc({ processor, answer: answer.state });
    return answer;
  }
}

function refuse(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ error: { code, message } });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
