import fc from 'fast-check';
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';

/** A request that a client might send, or nobody should. */
export interface AnyRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const packers: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: zstdCompressSync,
  none: (body) => body,
};

const printable = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ019 =/+:;,._-%"\\{}[]&?#@~')), maxLength });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const anyId = fc.oneof(
  fc.constantFrom('ann', 'null', '', 0, null, 'x'.repeat(600), '\ud800', { id: 1 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const anyCall = fc.record(
  {
    type: fc.constantFrom('track', 'identify', 'page', 'screen', 'group', 'alias', 'merge', '', 7),
    event: fc.oneof(fc.string({ maxLength: 10 }), fc.constant({})),
    userId: anyId,
    anonymousId: anyId,
    previousId: anyId,
    groupId: anyId,
    messageId: fc.oneof(fc.uuid(), anyId),
    properties: fc.oneof(
      fc.dictionary(fc.constantFrom('a', '__proto__', 'constructor'), fc.jsonValue()),
      fc.jsonValue(),
    ),
    traits: fc.jsonValue({ maxDepth: 3 }),
    context: fc.oneof(fc.constant({ traits: { email: 'A@b.c' } }), fc.jsonValue({ maxDepth: 2 })),
    timestamp: fc.oneof(fc.constantFrom('2026-01-02T03:04:05Z', 'yesterday', -1), fc.double()),
    mergeProperties: fc.array(fc.record({ type: fc.constantFrom('email', 'userId', 'a:b'), value: anyId }), {
      maxLength: 3,
    }),
  },
  { requiredKeys: [] },
);
const goodCall = fc.constant({ type: 'track', event: 'A', userId: 'ann', properties: { n: 1 } });

function anyJson(writeKey: string): fc.Arbitrary<string> {
  const call = fc.oneof({ weight: 3, arbitrary: goodCall }, { weight: 1, arbitrary: anyCall });
  const key = maybe(fc.constantFrom<unknown>(writeKey, 'other', '', 7, null));
  return fc.oneof(
    { weight: 4, arbitrary: fc.tuple(call, key).map(([one, k]) => JSON.stringify({ ...one, writeKey: k })) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(
          fc.array(fc.oneof(call, fc.jsonValue({ maxDepth: 1 })), { maxLength: 8 }),
          key,
          maybe(fc.jsonValue()),
        )
        .map(([batch, k, context]) => JSON.stringify({ batch, writeKey: k, context })),
    },
    { weight: 2, arbitrary: fc.json() },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 1, max: 50_000 }).map((n) => `${'['.repeat(n)}${']'.repeat(n)}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: 1, max: 8_000 })
        .map((n) => `{"batch":${'{"a":'.repeat(n)}1${'}'.repeat(n)}}`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(3_000, 600_000).map((n) => JSON.stringify({ batch: ['x'.repeat(n)] })),
    },
    { weight: 1, arbitrary: fc.constant(JSON.stringify({ batch: Array(2_600).fill(0) })) },
  );
}

const anyBody = (writeKey: string): fc.Arbitrary<Buffer> =>
  fc.oneof(
    { weight: 6, arbitrary: anyJson(writeKey).map((text) => Buffer.from(text)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(anyJson(writeKey), fc.nat(200))
        .map(([text, cut]) => Buffer.from(text).subarray(0, -cut || undefined)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.constant(Buffer.alloc(0)) },
  );

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const anyHeaders = (writeKey: string) =>
  fc.record({
    authorization: fc.oneof(
      { weight: 9, arbitrary: fc.constant(basic(`${writeKey}:`)) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(undefined, basic('other:'), basic(':'), 'Bearer x', 'Basic', 'Basic ===='),
      },
      { weight: 1, arbitrary: printable(40) },
    ),
    'x-write-key': seldom(fc.constantFrom(writeKey, `${writeKey}:secret`, 'other', ':')),
    'content-type': fc.oneof(
      {
        weight: 9,
        arbitrary: fc.constantFrom(
          'application/json',
          'text/plain',
          'application/json; charset=utf-8',
          undefined,
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom('application/xml', 'multipart/form-data; boundary=x', 'a', '/', ';'),
      },
      { weight: 1, arbitrary: printable(30) },
    ),
    anonymousid: seldom(fc.oneof(fc.base64String({ maxLength: 40 }), printable(40))),
    'x-ip-policy': seldom(fc.constantFrom('keep', 'remove', 'stripLastOctet', 'x')),
    'user-agent': maybe(fc.constantFrom('Mozilla/5.0', 'curl/8')),
    'x-forwarded-for': seldom(printable(30)),
    'x-forwarded-host': seldom(printable(30)),
    origin: seldom(fc.oneof(fc.constantFrom('https://shop.example', 'null'), printable(20))),
    'access-control-request-headers': seldom(printable(40)),
    'accept-version': seldom(printable(10)),
    'x-retry-count': seldom(printable(5)),
    expect: seldom(fc.constant('100-continue')),
    'x-long': seldom(fc.constantFrom('x'.repeat(1_000), 'x'.repeat(20_000))),
  });

function anyQuery(writeKey: string): fc.Arbitrary<string> {
  const data = anyJson(writeKey)
    .filter((text) => text.length < 8_000)
    .map((text) => `data=${encodeURIComponent(Buffer.from(text).toString('base64'))}`);
  return fc.oneof(
    fc.constantFrom(
      '',
      `?writeKey=${writeKey}`,
      '?writeKey=other',
      '?writeKey=a&writeKey=b',
      '?%zz=%',
      '?__proto__.a=1',
    ),
    data.map((text) => `?writeKey=${writeKey}&${text}`),
    fc
      .array(fc.tuple(printable(12), printable(12)), { maxLength: 6 })
      .map(
        (pairs) =>
          `?writeKey=${writeKey}&userId=u&${String(new URLSearchParams(pairs.map(([a, b]): [string, string] => [a, b])))}`,
      ),
  );
}

/** Requests to these routes, `METHOD /path`, and near them. */
export function anyRequest(routes: readonly string[], writeKey: string): fc.Arbitrary<AnyRequest> {
  const target = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...routes) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'),
          fc.oneof(
            fc.constantFrom(...routes).map((route) => route.split(' ')[1] ?? '/'),
            fc.constantFrom(
              '/',
              '//',
              '/v1',
              '/v1/',
              '/v1/%zz',
              '/v1/%00',
              '/V1/TRACK',
              '/metrics',
              '/health/live',
              `/${'x'.repeat(3_000)}`,
            ),
          ),
        )
        .map((parts) => parts.join(' ')),
    },
  );
  const encoding = fc.constantFrom('none', 'none', 'none', 'gzip', 'deflate', 'br', 'zstd');
  return fc
    .tuple(
      target,
      anyQuery(writeKey),
      anyHeaders(writeKey),
      anyBody(writeKey),
      encoding,
      seldom(fc.constantFrom('gzip', 'br', 'compress', '')),
    )
    .map(([to, query, headers, plain, packed, claimed]) => {
      const [method = 'GET', path = '/'] = to.replace(':writeKey', writeKey).split(' ');
      const said = claimed ?? (packed === 'none' ? undefined : packed);
      return {
        method,
        path: `${path}${query}`,
        headers: { ...definedOf(headers), ...(said === undefined ? {} : { 'content-encoding': said }) },
        body: packers[packed]?.(plain) ?? plain,
      };
    });
}

function definedOf(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Bytes that are hardly HTTP. */
export const anyBytes: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(
      fc.constantFrom(
        'POST /v1/track HTTP/1.1',
        'GET /v1/pixel/track HTTP/1.1',
        'POST /v1/batch HTTP/9',
        'BREW / HTTP/1.1',
        'GET  HTTP/1.1',
      ),
      fc.array(
        fc.constantFrom(
          'Host: x',
          'Content-Length: 5',
          'Content-Length: -1',
          'Content-Length: 99999999999999999999',
          'Transfer-Encoding: chunked',
          'Transfer-Encoding: gzip, x',
          'Authorization',
          ': x',
          'A: \u0001',
          `X: ${'y'.repeat(20_000)}`,
        ),
        { maxLength: 5 },
      ),
      fc.constantFrom('', '5\r\nabcde\r\n0\r\n\r\n', 'zz\r\n', '{"a":1}', '\u0000'),
    )
    .map(([line, headers, body]) => Buffer.from(`${[line, ...headers].join('\r\n')}\r\n\r\n${body}`)),
);
