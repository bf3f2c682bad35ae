import type { ServerResponse } from 'node:http';
import type { HttpReply } from '@tributary/service';

/** What is used of fastify's reply where it matters whether somebody still waits for it. */
export interface ClosingReply extends HttpReply {
  readonly raw: Pick<ServerResponse, 'once' | 'writableFinished'>;
}

/** Aborts when the connection closes before the answer was written. */
export function leavingOf(reply: ClosingReply): AbortSignal {
  const leaving = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) leaving.abort();
  });
  return leaving.signal;
}
