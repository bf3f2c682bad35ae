import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Reads, Route } from './routes.table.js';

/** What a route does with a request that was admitted. */
export type RouteHandler = (
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply | Promise<FastifyReply>;

/** The handlers of some kinds of routes. */
export type HandlersOf<Kinds extends Reads> = Readonly<Record<Kinds, RouteHandler>>;
