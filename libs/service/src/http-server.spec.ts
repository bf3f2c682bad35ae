import { Controller, Get, Module, Param } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import Fastify from 'fastify';
import Type from 'typebox';
import { guardServer, HTTP_LIMITS, httpServerOptions } from './http-server.js';
import type { RunningService } from './running-service.js';
import { startService } from './service.js';
import { readSettings } from './settings.js';

@Controller('things')
class ThingController {
  @Get(':id')
  get(@Param('id') id: string) {
    return { length: id.length };
  }

  @Get('of/failure')
  fail() {
    throw new Error('what is within');
  }
}

@Module({ controllers: [ThingController] })
class ThingModule {}

let service: RunningService;
let server: Server;

beforeAll(async () => {
  const settings = Type.Object({});
  const read = readSettings(settings, {
    KAFKA_BROKERS: '127.0.0.1:1',
    CLICKHOUSE_URL: 'http://127.0.0.1:1',
    LOG_LEVEL: 'silent',
  });
  if (!read.ok) throw new Error(read.error.join('\n'));
  service = await startService(
    { name: 'thing', settings, module: () => ThingModule, listen: { port: () => 0 } },
    read.value,
  );
  server = service.app.getHttpServer();
});

afterAll(async () => {
  await service.close();
});

const dial = (): Socket => connect(Number(new URL(service.url).port), '127.0.0.1');

/** Everything that comes back until the server closes the connection. */
async function answerTo(socket: Socket, text: string): Promise<string> {
  let answer = '';
  socket.on('error', () => undefined).on('data', (data) => (answer += data.toString('utf8')));
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

async function withDeadlines<T>(deadlines: Partial<Server>, act: () => Promise<T>): Promise<T> {
  const { headersTimeout, maxConnections } = server;
  Object.assign(server, deadlines);
  try {
    return await act();
  } finally {
    Object.assign(server, { headersTimeout, maxConnections });
  }
}

describe('a body that does not end', () => {
  const began = (path: string) => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{`;

  it('is cut with 408, but on a route that says itself when it is late', async () => {
    const fastify = Fastify(httpServerOptions());
    guardServer(fastify, () => false, { bodyMs: 100 });
    fastify.addContentTypeParser('*', (_request, _payload, parsed) => {
      parsed(null);
    });
    fastify.post('/file', { config: { bodyMayLast: true } }, async ({ raw }) => {
      await setTimeout(300);
      return { whole: raw.complete };
    });
    fastify.removeContentTypeParser('application/json');
    fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, _body, parsed) => {
      parsed(null);
    });
    fastify.post('/call', () => ({ whole: true }));
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    const { port } = fastify.server.address() as AddressInfo;
    const open = () => connect(port, '127.0.0.1');
    const json = began('/call').replace('Host: x', 'Host: x\r\nContent-Type: application/json');
    expect(await answerTo(open(), json)).toMatch(/^HTTP\/1\.1 408 [^]*"request_timeout"/);
    const file = open();
    file.write(began('/file'));
    const [answer] = (await once(file, 'data')) as [Buffer];
    expect(String(answer)).toContain('{"whole":false}');
    file.destroy();
    await fastify.close();
  });
});

describe('a server of a service', () => {
  it('keeps the limits that are documented', () => {
    expect(server).toMatchObject({
      headersTimeout: HTTP_LIMITS.headersMs,
      requestTimeout: 0,
      keepAliveTimeout: HTTP_LIMITS.keepAliveMs,
      timeout: HTTP_LIMITS.silenceMs,
      maxConnections: HTTP_LIMITS.connections,
    });
  });

  it.each([
    ['says nothing', ''],
    ['does not end its headers', 'GET /health/live HTTP/1.1\r\nHost: x\r\n'],
  ])('cuts a client that %s', async (_what, text) => {
    const answer = await withDeadlines({ headersTimeout: 100 }, () => answerTo(dial(), text));
    if (text !== '') expect(answer).toMatch(/^HTTP\/1\.1 (408|404) /);
  });

  it('refuses headers that are too large', async () => {
    const response = await fetch(`${service.url}/health/live`, { headers: { 'x-a': 'x'.repeat(17_000) } });
    expect(response.status).toBe(431);
    expect(await response.json()).toMatchObject({ error: { code: 'headers_too_large' } });
  });

  it.each(['nonsense\r\n\r\n', 'GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', '\u0000\u0001\r\n\r\n'])(
    'says of %j that it is not HTTP',
    async (text) => {
      const answer = await answerTo(dial(), text);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('"malformed_request"');
    },
  );

  it.each([
    ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 400, 'missing_host'],
    ['an unknown Expect', 'GET /health HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n', 417, 'expectation_failed'],
    ['no Host, of HTTP/1.0', 'GET /health/live HTTP/1.0\r\n\r\n', 200, '"status":"ok"'],
  ])('answers a request with %s', async (_what, text, status, content) => {
    const answer = await answerTo(dial(), text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.[01] ${status} `));
    expect(answer).toContain(content);
  });

  it.each([
    ['GET', '/healthz', undefined, 'There is no GET /healthz; there is GET /health.'],
    ['GET', '/nothing?a=secret', undefined, 'There is no GET /nothing.'],
    ['POST', '/health', '<a/>', 'There is no POST /health; there is GET /health.'],
  ])('says of %s %s that it is no route', async (method, path, body, message) => {
    const headers = body === undefined ? {} : { 'content-type': 'text/xml' };
    const response = await fetch(service.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'route_not_found', message } });
  });

  it('answers a route that fails in the form of all errors, and tells nothing of why', async () => {
    const response = await fetch(`${service.url}/things/of/failure`);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'internal_error' } });
    expect(text).not.toContain('within');
  });

  it('says that a URL is malformed, or a part of it too long', async () => {
    const bad = await fetch(`${service.url}/things/%zz`);
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({ error: { code: 'malformed_url' } });
    expect(await (await fetch(`${service.url}/things/${'x'.repeat(600)}`)).json()).toEqual({ length: 600 });
    const long = await fetch(`${service.url}/things/${'x'.repeat(601)}`);
    expect(long.status).toBe(414);
    expect(await long.json()).toMatchObject({ error: { code: 'path_too_long' } });
  });

  it('closes what comes beyond its connections, and serves again when there is room', async () => {
    await withDeadlines({ maxConnections: 1 }, async () => {
      server.closeIdleConnections();
      const first = dial();
      await once(first, 'connect');
      const second = dial().on('error', () => undefined);
      await once(second, 'close');
      first.destroy();
    });
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  });
});
