import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Client } from './client.js';

let server: Server;
let client: Client;
let answer: readonly [status: number, body: string];
let asked: { readonly what: string; readonly authorization: string | undefined; readonly body: string }[];

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request;
      asked.push({ what: `${method} ${url}`, authorization: headers.authorization, body });
      response.writeHead(answer[0]).end(answer[1]);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new Client({ collectorUrl: url, apiUrl: url, writeKey: 'key', apiToken: 'token' });
});

afterEach(async () => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

describe('Client', () => {
  it('sends calls in one batch with the write key', async () => {
    answer = [200, '{"accepted":1}'];
    await client.send({ type: 'track', event: 'Seen', userId: 'ann' });
    const authorization = `Basic ${Buffer.from('key:').toString('base64')}`;
    const body = '{"batch":[{"type":"track","event":"Seen","userId":"ann"}]}';
    expect(asked).toEqual([{ what: 'POST /v1/batch', authorization, body }]);
  });

  it('fails with status and text when one of several calls is not accepted', async () => {
    answer = [200, '{"accepted":1,"rejected":[{"index":1}]}'];
    const sending = client.send({ type: 'page', userId: 'ann' }, { type: 'page' });
    await expect(sending).rejects.toMatchObject({
      message: expect.stringMatching(/^POST http.*\/v1\/batch was answered with 200: .*"index":1/) as unknown,
    });
  });

  it('defines audiences with the token, and fails with what the api says', async () => {
    answer = [201, ''];
    await client.putAudience('vips', 'true');
    expect(asked).toEqual([
      {
        what: 'PUT /v1/audiences/vips',
        authorization: 'Bearer token',
        body: '{"name":"vips","query":"true"}',
      },
    ]);
    answer = [400, 'no such function'];
    await expect(client.putAudience('vips', 'x()')).rejects.toMatchObject({
      status: 400,
      text: 'no such function',
    });
  });
});
