import type { FastifyInstance, FastifyRequest } from 'fastify';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { HTTP_LIMITS } from './http-server.js';

const internal = new WeakSet<IncomingMessage>();

/** Where a service answers what only other services of the platform ask. */
export interface InternalAddress {
  /** 0: any free port. */
  readonly port: number;
  readonly address: string;
  /** Where others reach it, where that is another place: as the name of a machine, or a proxy before it. */
  readonly url?: string | undefined;
}

/** Whether a request came in at the internal address of its service. */
export function isInternal({ raw }: Pick<FastifyRequest, 'raw'>): boolean {
  return internal.has(raw);
}

/** A second listener for all routes of a service: who reaches it is one of the platform's own. */
export async function listenInternally(
  fastify: Pick<FastifyInstance, 'routing'>,
  { port, address }: InternalAddress,
): Promise<Server> {
  const server = createServer(
    {
      headersTimeout: HTTP_LIMITS.headersMs,
      keepAliveTimeout: HTTP_LIMITS.keepAliveMs,
      maxHeaderSize: HTTP_LIMITS.headerBytes,
    },
    (request, response) => {
      internal.add(request);
      fastify.routing(request, response);
    },
  );
  server.listen(port, address);
  await once(server, 'listening');
  return server;
}
