import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { JSON_TYPE, NDJSON_TYPE, startInMemoryCollector } from '../../test/collector.fixture.js';
import { ROUTES } from './routes.table.js';

let collector: Awaited<ReturnType<typeof startInMemoryCollector>>;
beforeAll(async () => {
  collector = await startInMemoryCollector();
});
afterAll(async () => {
  await collector.service.close();
});
beforeEach(() => {
  collector.log.records.length = 0;
});

const identify = (userId: string) => `{"type":"identify","userId":"${userId}"}`;

describe('a path', () => {
  const batch = `{"batch":[${identify('ann')}]}`;

  it.each([
    '/v1/batch/',
    '//v1/batch',
    '/v1//batch//',
    '/V1/Batch',
    '/v1/batch/?writeKey=key',
    '/v1/import',
    '/v1/import/',
    '//v1/import/',
    '/beacon/v1/batch/',
    '/api/s/s2s/batch/',
  ])('takes a batch at %s', async (path) => {
    expect(await collector.post(path, batch)).toEqual({ status: 200, body: { success: true, accepted: 1 } });
    expect(collector.events().map(({ userId }) => userId)).toEqual(['ann']);
  });

  it.each(
    ROUTES.filter(({ method }) => method === 'GET').map(({ path }) =>
      path.replace(':writeKey', 'key').replace(':source', 'default'),
    ),
  )('answers GET and HEAD of %s with a slash at the end and one too many', async (path) => {
    expect(await collector.call('GET', `/${path}/?writeKey=key`, '')).toMatchObject({ status: 200 });
    collector.log.records.length = 0;
    expect(await collector.call('HEAD', path, '')).toMatchObject({ status: 200, body: '' });
    expect(collector.log.records).toEqual([]);
  });

  it('names the method that it expects, however it is written', async () => {
    expect(await collector.call('GET', '//v1/track/?a=b', '')).toMatchObject({
      status: 404,
      body: { error: { message: 'expected POST on /v1/track' } },
    });
  });

  it.each([
    ['PUT', '/v1/webhook/woo?writeKey=key', 'expected POST on /v1/webhook/{source}'],
    ['DELETE', '/V1/Webhook/Woo/', 'expected POST on /v1/webhook/{source}'],
    ['POST', '/v1/projects/key/settings', 'expected GET on /v1/projects/{writeKey}/settings'],
    ['GET', '/v1/import', 'expected POST on /v1/import'],
    ['POST', '/v1/trak', 'expected POST on /v1/track; '],
    ['POST', '/v2/track', 'expected POST on /v1/track; '],
    ['POST', '/track', 'expected POST on /v1/track; '],
    ['POST', '/v1/webhok/woo', 'expected POST on /v1/webhook/{source}; '],
    ['POST', '/v1/imports', 'expected POST on /v1/import; '],
    ['GET', '/sourceconfi', 'expected GET on /sourceConfig; '],
    ['GET', '/x', 'expected one of POST /v1/track, '],
    ['POST', '/v1', 'expected one of POST /v1/track, '],
  ])('that is none says what is right or near: %s %s', async (method, path, message) => {
    expect(await collector.call(method, path, '')).toMatchObject({
      status: 404,
      body: { code: 'unknown_route', message: expect.stringContaining(message) as unknown },
    });
  });
});

describe('an error', () => {
  const good = identify('ann');
  it.each([
    [400, 'malformed_json', '/v1/track', '{', {}],
    [400, 'nothing_acceptable', '/v1/batch', '{"batch":[{}]}', {}],
    [401, 'unknown_write_key', '/v1/track', good, { authorization: `Basic ${btoa('x:')}` }],
    [401, 'unknown_write_key', '/v1/import', good, { authorization: `Basic ${btoa('x:')}` }],
    [404, 'unknown_route', '/v1/trak', good, {}],
    [413, 'body_too_large', '/v1/batch', 'x'.repeat(600_000), {}],
    [415, 'unsupported_content_type', '/v1/track', '<x/>', { 'content-type': 'text/xml' }],
    [415, 'unsupported_charset', '/v1/track', good, { 'content-type': 'text/plain; charset=klingon' }],
    [415, 'unsupported_encoding', '/v1/track', good, { 'content-encoding': 'compress' }],
    [431, 'headers_too_large', '/v1/track', good, { 'x-a': 'x'.repeat(17_000) }],
  ])(
    '%d %s has its code and message where each library looks for them',
    async (status, code, path, body, headers) => {
      const answer = await collector.post(path, body, { ...JSON_TYPE, ...headers });
      const message = expect.any(String) as unknown;
      expect(answer).toMatchObject({ status, body: { error: { code, message }, code, message } });
    },
  );

  it.each([
    ['default', 'unsupported_content_type', '/v1/track', '<x/>', { 'content-type': 'text/xml' }],
    ['default', 'unsupported_content_type', '/v1/webhook/default', '<x/>', { 'content-type': 'text/xml' }],
    ['default', 'unsupported_charset', '/v1/import', good, { 'content-type': 'text/csv; charset=klingon' }],
    ['default', 'unsupported_encoding', '/v1/track', good, { 'content-encoding': 'compress' }],
    ['default', 'body_too_large', '/v1/batch', 'x'.repeat(600_000), {}],
    ['default', 'body_too_large', '/v1/batch', gzipSync('x'.repeat(600_000)), {}],
    ['default', 'body_too_large', '/v1/import', `{"batch":[${' '.repeat(600_000)}]}`, {}],
    ['default', 'wrong_write_key', '/v1/webhook/other', good, {}],
    ['unknown', 'unknown_write_key', '/v1/track', good, { authorization: `Basic ${btoa('x:')}` }],
    ['unknown', 'unknown_write_key', '/v1/import', good, { authorization: `Basic ${btoa('x:')}` }],
    ['unknown', 'missing_write_key', '/v1/track', good, { authorization: '' }],
    ['unknown', 'missing_write_key', '/v1/import', good, { authorization: '', ...NDJSON_TYPE }],
    ['unknown', 'missing_write_key', '/v1/import', good, { authorization: '' }],
    ['unknown', 'missing_write_key', '/v1/webhook/default', good, { authorization: '' }],
    [
      'unknown',
      'unsupported_content_type',
      '/v1/track',
      good,
      { authorization: '', 'content-type': 'text/xml' },
    ],
    ['unknown', 'unknown_route', '/v1/trak', good, {}],
  ])('of source %s, %s at %s, is counted once and not kept', async (source, code, path, body, headers) => {
    const metric = `tributary_collector_requests_not_kept_total{source="${source}",code="${code}",`;
    const counted = async () => {
      const line = (await collector.metrics()).split('\n').find((one) => one.startsWith(metric));
      return Number(line?.split(' ').at(-1) ?? 0);
    };
    const before = await counted();
    expect(await collector.post(path, body, { ...JSON_TYPE, ...headers })).toMatchObject({ body: { code } });
    expect(await counted()).toBe(before + 1);
    expect(collector.log.records).toEqual([]);
  });

  it('is the same where the log takes nothing', async () => {
    collector.log.failure = 'unavailable';
    expect(await collector.post('/v1/identify', good)).toMatchObject({
      status: 503,
      body: { error: { code: 'unavailable' }, code: 'unavailable', message: expect.any(String) as unknown },
    });
    collector.log.failure = undefined;
  });
});

describe('a body', () => {
  it.each([
    {},
    { 'content-type': '' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/octet-stream' },
    { 'content-type': 'application/vnd.shop+json' },
    { 'content-type': 'text/json' },
    { 'content-type': 'APPLICATION/JSON;CHARSET=UTF-8' },
    { 'content-type': 'application/json; charset="utf-8"' },
    { 'content-type': 'text/plain;charset=UTF-8' },
  ])('that is JSON is taken with %j', async (headers) => {
    expect(await collector.post('/v1/identify', identify('ann'), headers)).toMatchObject({ status: 200 });
  });

  it.each([{}, { 'content-type': 'application/x-www-form-urlencoded' }])(
    'that is no JSON, and is not said to be, is refused with %j',
    async (headers) => {
      expect(await collector.post('/v1/identify', 'userId=ann', headers)).toMatchObject({
        status: 415,
        body: { code: 'unsupported_content_type' },
      });
      expect(collector.log.records).toEqual([]);
    },
  );

  const call = JSON.parse(identify('ann')) as object;
  it.each<[string, string, string]>([
    ['/v1/track', '{"batch":[{}]}', 'this is a batch: send it to /v1/batch'],
    ['/v1/t', '{"batch":[],"sentAt":"2026-01-02"}', 'this is a batch: send it to /v1/batch'],
    ['/v1/track', '[{}]', 'expected one call, not an array; send several to /v1/batch as {"batch": […]}'],
    [
      '/v1/batch',
      JSON.stringify([call]),
      'expected {"batch": […]}, not an array by itself; /v1/import takes an array as it is',
    ],
    [
      '/v1/import',
      JSON.stringify(call, null, 2),
      'this is one call: in a file one call has to be on one line, by itself it goes to /v1/identify',
    ],
    [
      '/v1/batch',
      JSON.stringify({ batch: [call], context: 1 }),
      'the "context" of the batch: expected an object',
    ],
    ['/v1/batch', '{}', 'expected a JSON object; on /v1/batch with an array "batch"'],
    ['/v1/batch', '1', 'expected a JSON object; on /v1/batch with an array "batch"'],
  ])('that goes to another route says to which, and is kept: %s %s', async (path, body, message) => {
    expect(await collector.post(path, body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_body', message },
    });
    expect(collector.rejected().map(({ raw }) => Buffer.from(raw, 'base64').toString())).toEqual([body]);
  });

  it('that has a batch beside a call is that call', async () => {
    const body = '{"userId":"ann","batch":[{}]}';
    expect(await collector.post('/v1/identify', body)).toMatchObject({ status: 200 });
  });

  it('is unpacked though Content-Encoding is missing', async () => {
    expect(await collector.post('/v1/identify', gzipSync(identify('ann')))).toMatchObject({ status: 200 });
  });
});

describe('an answer', () => {
  it('counts the flags of what it accepted, and of nothing else', async () => {
    const flagged = (more: object) => ({ type: 'identify', userId: ' ann', ...more });
    const batch = [
      flagged({}),
      flagged({ anonymousId: 'null' }),
      flagged({ timestamp: 'never' }),
      { type: 'identify', userId: 'bob' },
    ];
    expect(await collector.post('/v1/batch', JSON.stringify({ batch }))).toMatchObject({
      status: 200,
      body: { accepted: 3, flags: { surrounding_space: 2, blocked_value: 1 } },
    });
    expect(await collector.post('/v1/identify', identify('bob'))).toEqual({
      status: 200,
      body: { success: true, accepted: 1 },
    });
    const file = NDJSON_TYPE;
    expect(await collector.post('/v1/import', JSON.stringify(flagged({})), file)).toMatchObject({
      body: { flags: { surrounding_space: 1 } },
    });
    const flags = collector
      .events()
      .flatMap(
        ({ context }) => (context as { tributary?: { flags: { code: string }[] } }).tributary?.flags ?? [],
      );
    expect(flags.filter(({ code }) => code === 'surrounding_space')).toHaveLength(3);
    const shown = await collector.metrics();
    expect(shown).toMatch(
      /tributary_collector_flags_total\{source="default",code="surrounding_space",workspace="w",service="collector"\} 4/,
    );
  });
});
