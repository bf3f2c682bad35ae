import { Injectable } from '@nestjs/common';
import { guardOf, ReplayRequest } from '@tributary/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HandlersOf } from '../http/route-handler.js';
import { send } from '../http/send.js';
import { errorAnswer, invalidRequest } from '../intake/answer.js';
import { Replay } from './replay.js';

const isReplay = guardOf(ReplayRequest);

/** For the api alone, which has the token: it asks for what is in its tables, and owns no topic of events. */
@Injectable()
export class ReplayHandlers {
  readonly handlers: HandlersOf<'replay'> = {
    replay: (_route, request, reply) => this.#take(request, reply),
  };

  constructor(private readonly replay: Replay) {}

  async #take({ body }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (!isReplay(body)) return send(reply, invalidRequest('the body is no request to replay'));
    const replayed = await this.replay.again(body);
    if (replayed.ok) return send(reply, { status: 200, body: replayed.value });
    const { error } = replayed;
    return send(reply, typeof error === 'string' ? errorAnswer(error) : invalidRequest(error.mapping));
  }
}
