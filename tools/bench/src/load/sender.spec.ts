import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { sendLoad } from './sender.js';

interface Call {
  readonly path: string | undefined;
  readonly body: { readonly batch?: readonly unknown[]; readonly messageId?: string };
}

let server: Server;
let calls: Call[];
let answers: number[];

beforeEach(async () => {
  calls = [];
  answers = [];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      calls.push({ path: request.url, body: JSON.parse(body) as Call['body'] });
      response.writeHead(answers.shift() ?? 200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(async () => {
  const closed = once(server.close(), 'close');
  server.closeAllConnections();
  await closed;
});

const load = (more: Partial<Parameters<typeof sendLoad>[0]>) =>
  sendLoad({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    name: 't',
    kind: 'visits',
    events: 100,
    batch: 20,
    connections: 2,
    prepared: false,
    ...more,
  });

describe('sendLoad', () => {
  it.each([true, false])('sends every event once in batches, prepared: %p', async (prepared) => {
    const sent = await load({ prepared });
    expect(calls.map(({ path, body }) => [path, body.batch?.length])).toEqual(
      Array.from({ length: 5 }, () => ['/v1/batch', 20]),
    );
    expect(sent).toMatchObject({ events: 100, refused: 0 });
    expect(sent.visitors).toBeGreaterThan(0);
    expect(sent.requestMs.p99).toBeGreaterThan(0);
  });

  it('sends an event alone to the route of its type', async () => {
    await load({ batch: 1, events: 300 });
    expect(new Set(calls.map(({ path }) => path))).toEqual(
      new Set(['/v1/page', '/v1/track', '/v1/identify']),
    );
    expect(new Set(calls.map(({ body }) => body.messageId)).size).toBe(300);
  });

  it('sends the same again when it is asked to come back', async () => {
    answers = [503, 200, 429];
    const sent = await load({ connections: 1, events: 40 });
    expect(sent).toMatchObject({ events: 40, refused: 2 });
    expect(calls[0]).toEqual(calls[1]);
    expect(calls[2]).toEqual(calls[3]);
  });

  it('fails with the answer when events are refused', async () => {
    answers = [401];
    await expect(load({ connections: 1 })).rejects.toThrow('the collector answered /v1/batch with 401: {}');
  });

  it('does not prepare what may not fit into memory', async () => {
    await expect(load({ prepared: true, events: 100_001 })).rejects.toThrow('at most 100000');
  });
});
