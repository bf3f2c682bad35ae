import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunningService } from '@tributary/service';
import { eventually } from '@tributary/testing';
import { gzipSync } from 'node:zlib';
import { connect } from 'node:net';
import { startInMemoryCollector } from '../../test/collector.fixture.js';
import { IMPORT_LIMITS } from '../import/import-limits.js';
import { InFlight } from '../log/in-flight.js';

let collector: Awaited<ReturnType<typeof startInMemoryCollector>>;
let service: RunningService;

beforeAll(async () => {
  collector = await startInMemoryCollector({
    'shop-key': {
      workspaceId: 'w',
      sourceId: 'shop',
      enabled: true,
      webhook: { items: 'orders', type: 'track', event: "'Paid'", userId: 'customer', messageId: 'id' },
    },
    'web-key': { workspaceId: 'w', sourceId: 'web', enabled: true },
    'off-key': { workspaceId: 'w', sourceId: 'off', enabled: false },
  });
  ({ service } = collector);
});
afterAll(() => service.close());
beforeEach(() => {
  collector.log.records.length = 0;
});

async function post(
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
  at = service.url,
) {
  const response = await fetch(`${at}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const answer: unknown = await response.json();
  return { status: response.status, body: answer };
}
const basic = (key: string) => ({ authorization: `Basic ${btoa(`${key}:`)}` });
const events = () => collector.events();
const rejected = () => collector.rejected();
const paid = JSON.stringify({
  orders: [
    { id: 'o1', customer: 'ann' },
    { id: 'o2', customer: 'bob' },
  ],
});

describe('POST /v1/webhook/:source', () => {
  it.each([
    ['Basic', '', basic('shop-key')],
    ['X-Write-Key', '', { 'x-write-key': 'shop-key' }],
    ['the query', '?writeKey=shop-key', {}],
  ])('makes calls of a body, its key given by %s', async (_, query, headers) => {
    expect(await post(`/v1/webhook/shop${query}`, paid, headers)).toEqual({
      status: 200,
      body: { success: true, accepted: 2 },
    });
    expect(events().map(({ messageId, userId, event }) => [messageId, userId, event])).toEqual([
      ['o1', 'ann', 'Paid'],
      ['o2', 'bob', 'Paid'],
    ]);
  });

  it.each([
    ['/v1/webhook/shop', {}, 'missing_write_key'],
    ['/v1/webhook/shop', basic('nobody'), 'unknown_write_key'],
    ['/v1/webhook/shop', basic('web-key'), 'wrong_write_key'],
  ])('is refused at %s with %j: %s', async (path, headers, code) => {
    expect(await post(path, paid, headers)).toMatchObject({ status: 401, body: { error: { code } } });
    expect(collector.log.records).toEqual([]);
  });

  it.each(['GET', 'HEAD'])('answers %s to who asks before saving the address', async (method) => {
    const ask = (path: string) => fetch(`${service.url}${path}`, { method });
    const answer = await ask('/v1/webhook/shop?writeKey=shop-key');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(
      method === 'HEAD' ? '' : '{"status":"ok","message":"send webhooks here by POST"}',
    );
    expect((await ask('/v1/webhook/shop')).status).toBe(401);
    expect((await ask('/v1/webhook/shop?writeKey=web-key')).status).toBe(401);
    expect((await ask('/v1/webhook/gone?writeKey=shop-key')).status).toBe(401);
    expect((await ask('/v1/webhook/off?writeKey=off-key')).status).toBe(403);
    expect(collector.log.records).toEqual([]);
  });

  it('keeps the bytes of a body in which nothing is found', async () => {
    const body = '{"orders": []}';
    expect(await post('/v1/webhook/shop', body, basic('shop-key'))).toMatchObject({
      status: 400,
      body: { error: { code: 'nothing_found' } },
    });
    expect(rejected().map(({ raw }) => Buffer.from(raw, 'base64').toString())).toEqual([body]);
  });

  it('keeps what comes to a source without a mapping, which may get one', async () => {
    expect(await post('/v1/webhook/web', paid, basic('web-key'))).toMatchObject({
      status: 404,
      body: { error: { code: 'no_webhook' } },
    });
    expect(rejected()).toEqual([expect.objectContaining({ route: '/v1/webhook/:source', sourceId: 'web' })]);
  });

  it('is refused when its source is disabled, and when it is no JSON', async () => {
    expect(await post('/v1/webhook/off', paid, basic('off-key'))).toMatchObject({ status: 403 });
    expect(await post('/v1/webhook/shop', '{', basic('shop-key'))).toMatchObject({
      body: { error: { code: 'malformed_json' } },
    });
    expect(await post('/v1/webhook/shop', '"text"', basic('shop-key'))).toMatchObject({
      body: { error: { code: 'invalid_body' } },
    });
  });
});

describe('POST /v1/import', () => {
  const headers = { ...basic('web-key'), 'content-type': 'application/x-ndjson' };
  const line = (i: number) =>
    JSON.stringify({ type: 'track', event: 'Old', userId: `u${i}`, messageId: `m${i}` });
  const file = (lines: number) => Array.from({ length: lines }, (_, i) => line(i)).join('\n');

  it('takes files that are larger than any other body may be', async () => {
    const answer = await post('/v1/import', file(20_000), headers);
    expect(answer).toEqual({
      status: 200,
      body: { success: true, lines: 20_000, accepted: 20_000, rejected: 0 },
    });
    expect(new Set(events().map(({ messageId }) => messageId)).size).toBe(20_000);
  });

  it('takes gzip, and says where a file is not what it says', async () => {
    const zipped = gzipSync(file(1_000));
    const gzip = { ...headers, 'content-encoding': 'gzip' };
    expect(await post('/v1/import', zipped, gzip)).toMatchObject({ body: { accepted: 1_000 } });
    expect(await post('/v1/import', zipped.subarray(0, zipped.length - 20), gzip)).toMatchObject({
      status: 400,
      body: { error: { code: 'malformed_encoding' } },
    });
    expect(await post('/v1/import', 'no gzip', gzip)).toMatchObject({
      body: { error: { code: 'malformed_encoding' } },
    });
  });

  it('takes a batch in JSON, as some SDKs send it here', async () => {
    const body = JSON.stringify({ batch: [{ type: 'page', userId: 'ann' }], writeKey: 'web-key' });
    expect(await post('/v1/import', body)).toMatchObject({ status: 200, body: { accepted: 1 } });
  });

  it('holds no more of what it reads once its sender went away, and keeps what it wrote', async () => {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    const head = `POST /v1/import HTTP/1.1\r\nhost: x\r\nx-write-key: web-key\r\ncontent-type: application/x-ndjson\r\n`;
    socket.write(`${head}content-length: 1000000\r\n\r\n${file(IMPORT_LIMITS.batchLines)}\n`);
    await eventually(() => events().length === IMPORT_LIMITS.batchLines);
    socket.destroy();
    await eventually(() => service.app.get(InFlight).bytes === 0);
  });

  it.each(['application/x-ndjson', 'text/csv', 'application/json'])('needs a key, as %s', async (type) => {
    expect(await post('/v1/import', file(1), { 'content-type': type })).toMatchObject({ status: 401 });
    expect(collector.log.records).toEqual([]);
  });
});

describe('POST /internal/v1/replay', () => {
  const body = JSON.stringify({ dryRun: true, mapping: {}, samples: 0, records: [] });
  const headers = { authorization: 'Bearer dev-api-token' };
  const replay = (content: string, by: Record<string, string> = headers) =>
    post('/internal/v1/replay', content, by, service.internalUrl);

  it('is for who has the token', async () => {
    expect(await replay(body, {})).toMatchObject({ status: 401 });
    expect(await replay(body)).toEqual({ status: 200, body: { outcomes: [] } });
  });

  it('is no route of the public address, whoever asks', async () => {
    expect(await post('/internal/v1/replay', body, headers)).toMatchObject({
      status: 404,
      body: { code: 'unknown_route' },
    });
  });

  it('refuses what is no request to replay', async () => {
    for (const wrong of ['{}', '{', '[]'])
      expect(await replay(wrong)).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_request' } },
      });
  });
});

describe('every endpoint', () => {
  const origin = 'https://shop.example';

  it.each([
    ['/v1/batch', origin],
    ['/v1/pixel/track', origin],
    ['/nowhere', origin],
    ['/v1/webhook/shop', null],
    ['/v1/import', null],
  ])('lets pages read what %s answers: %s', async (path, allowed) => {
    const answer = await fetch(`${service.url}${path}`, { method: 'POST', headers: { origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
  });

  it('counts what it refuses and how long each request took, and nothing of the api', async () => {
    const counted = async () => {
      const text = await (await fetch(`${service.url}/metrics`)).text();
      const valueOf = (name: string, ...labels: readonly string[]) =>
        Number(
          text
            .split('\n')
            .find((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
            ?.split(' ')
            .at(-1) ?? 0,
        );
      const refused = valueOf(
        'tributary_collector_requests_not_kept_total',
        'source="unknown"',
        'code="missing_write_key"',
      );
      const answered = ['/v1/batch', '/v1/webhook/:source', '/v1/import'].map((route) =>
        valueOf('tributary_collector_request_duration_seconds_count', `route="${route}"`, 'status="401"'),
      );
      return { refused, answered, ofTheApi: text.includes('/internal/v1/replay') };
    };
    const before = await counted();
    for (const path of ['/v1/batch', '/v1/webhook/shop', '/v1/import'])
      expect(
        await post(path, '{}', { 'content-type': path === '/v1/import' ? 'text/csv' : 'text/plain' }),
      ).toMatchObject({ status: 401 });
    expect(await post('/internal/v1/replay', '{}', {}, service.internalUrl)).toMatchObject({ status: 401 });
    const after = {
      refused: before.refused + 3,
      answered: before.answered.map((count) => count + 1),
      ofTheApi: false,
    };
    await eventually(counted, {
      until: (now) => now.answered.every((count, i) => count === after.answered[i]),
    });
    expect(await counted()).toEqual(after);
  });
});
