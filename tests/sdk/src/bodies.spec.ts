import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { CollectorUnderTest } from './collector-under-test.js';

const stack = new AsyncDisposableStack();
let collector: CollectorUnderTest;
beforeAll(async () => {
  collector = await CollectorUnderTest.start(stack);
});
afterAll(() => stack.disposeAsync());

/** A request as the documentation and the habits of a language say that a library writes it. */
interface Habit {
  readonly name: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** These fields of the events of the batch are so and not otherwise. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

const PHP: readonly Habit[] = [
  {
    name: 'PHP, whose empty objects are empty lists',
    path: '/v1/batch',
    body: `{"batch":[
      {"type":"track","messageId":"php-1","userId":"77","event":"Order Completed","properties":[],"traits":[],"context":[],"integrations":[],"timestamp":"2026-01-02T03:04:05+01:00"},
      {"type":"identify","messageId":"php-2","userId":"77","traits":[],"context":{"library":{"name":"analytics-php","version":"3.8.0","consumer":"LibCurl"},"traits":[]},"timestamp":"2026-01-02T03:04:05+01:00"}
    ],"sentAt":"2026-01-02T03:04:06+01:00"}`,
    events: [
      {
        messageId: 'php-1',
        userId: '77',
        properties: {},
        traits: {},
        context: {},
        originalTimestamp: '2026-01-02T02:04:05.000Z',
        sentAt: '2026-01-02T02:04:06.000Z',
      },
      {
        messageId: 'php-2',
        traits: {},
        context: {
          library: { name: 'analytics-php', version: '3.8.0', consumer: 'LibCurl' },
          traits: {},
        },
      },
    ],
  },
  {
    name: 'PHP, with numbers as texts, real lists, a number for a user and the path of older versions',
    path: '/v1/import',
    body: `{"batch":[{"type":"track","messageId":"php-3","userId":77,"event":"Order Completed","properties":{"total":"120.50","count":"3","zip":"08001","products":[],"coupons":["a"]},"context":{"library":{"name":"analytics-php","version":"1.5.2","consumer":"LibCurl"}},"timestamp":"2026-01-02T03:04:05.6781+01:00"}],"sentAt":"2026-01-02T03:04:06+01:00"}`,
    events: [
      {
        messageId: 'php-3',
        userId: '77',
        properties: { total: '120.50', count: '3', zip: '08001', products: [], coupons: ['a'] },
        originalTimestamp: '2026-01-02T02:04:05.678Z',
      },
    ],
  },
  {
    name: "PHP with RudderStack's header, which has the user's id, and gzip",
    path: '/v1/batch',
    headers: { anonymousid: base64('77'), 'content-encoding': 'gzip' },
    body: `{"batch":[{"type":"track","messageId":"php-4","userId":"77","event":"Caf\\u00e9 \\/ Z\\u00fcrich","properties":{"ok":true},"context":{"library":{"name":"rudder-analytics-php"}},"channel":"server","timestamp":"2026-01-02T03:04:05+00:00"}],"sentAt":"2026-01-02T03:04:06+00:00"}`,
    events: [{ messageId: 'php-4', userId: '77', anonymousId: undefined, event: 'Café / Zürich' }],
  },
];

const RUBY: readonly Habit[] = [
  {
    name: 'Ruby, which writes null for what is not given, decimals as texts, and the attempt in a header',
    path: '/v1/import',
    headers: { 'x-retry-count': '1', accept: 'application/json' },
    body: `{"sentAt":"2026-01-02T03:04:06.000+01:00","batch":[
      {"anonymousId":null,"context":{"library":{"name":"analytics-ruby","version":"2.5.0"}},"integrations":null,"messageId":"ruby-1","timestamp":"2026-01-02T03:04:05.678+01:00","userId":77,"options":null,"type":"track","event":"Order Completed","properties":{"total":"120.5","count":"3","at":"2026-01-02"}},
      {"anonymousId":null,"context":{"library":{"name":"analytics-ruby","version":"2.5.0"}},"integrations":null,"messageId":"ruby-2","timestamp":"2026-01-02T03:04:05.678+01:00","userId":77,"options":null,"type":"alias","previousId":12}
    ]}`,
    events: [
      {
        messageId: 'ruby-1',
        userId: '77',
        anonymousId: undefined,
        properties: { total: '120.5', count: '3', at: '2026-01-02' },
        originalTimestamp: '2026-01-02T02:04:05.678Z',
        sentAt: '2026-01-02T02:04:06.000Z',
      },
      { messageId: 'ruby-2', userId: '77', previousId: '12' },
    ],
  },
  {
    name: "Ruby with RudderStack's library: gzip, traits in the context, a page's name twice",
    path: '/v1/batch',
    headers: { 'content-encoding': 'gzip' },
    body: `{"batch":[
      {"context":{"library":{"name":"rudderanalytics-ruby","version":"3.0.0"},"traits":{"email":"ann@example.com"}},"integrations":{"All":true},"timestamp":"2026-01-02T03:04:05.678Z","sentAt":"2026-01-02T03:04:05.700Z","messageId":"ruby-3","channel":"server","userId":"ann","type":"identify"},
      {"context":{"library":{"name":"rudderanalytics-ruby","version":"3.0.0"}},"integrations":{"All":true},"timestamp":"2026-01-02T03:04:05.678Z","sentAt":"2026-01-02T03:04:05.700Z","messageId":"ruby-4","channel":"server","userId":"ann","type":"page","name":"Home","event":"Home","properties":{"name":"Home"}}
    ]}`,
    events: [
      { messageId: 'ruby-3', traits: { email: 'ann@example.com' }, sentAt: '2026-01-02T03:04:05.700Z' },
      { messageId: 'ruby-4', name: 'Home', properties: { name: 'Home' } },
    ],
  },
];

const GO: readonly Habit[] = [
  {
    name: 'Go, with nanoseconds, a zone and the context of the batch',
    path: '/v1/batch',
    body: `{"batch":[{"type":"track","messageId":"go","userId":"ann","event":"Order Completed","timestamp":"2026-01-02T03:04:05.678912345+01:00","properties":{"total":120.5}}],"sentAt":"2026-01-02T03:04:06.5+01:00","messageId":"batch-1","context":{"library":{"name":"analytics-go","version":"3.0.0"}}}`,
    events: [
      {
        messageId: 'go',
        userId: 'ann',
        properties: { total: 120.5 },
        context: { library: { name: 'analytics-go', version: '3.0.0' } },
        originalTimestamp: '2026-01-02T02:04:05.678Z',
      },
    ],
  },
];

async function post({ path, body, headers }: Habit) {
  const packed = headers?.['content-encoding'] === 'gzip';
  const response = await fetch(`${collector.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${base64(`${collector.writeKey}:`)}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: packed ? gzipSync(body) : body,
  });
  return { status: response.status, body: (await response.json()) as object };
}

describe('the requests of libraries that are not installed by `npm test`', () => {
  it.each([...PHP, ...RUBY, ...GO])('are taken of $name', async (habit) => {
    const { events: expected } = habit;
    expect(await post(habit)).toMatchObject({
      status: 200,
      body: { success: true, accepted: expected.length },
    });
    const ids = expected.map(({ messageId }) => String(messageId));
    const events = new Map((await collector.eventsOf(ids)).map((event) => [event.messageId, event]));
    const kept = expected.map((fields) => {
      const { context, ...event } = events.get(String(fields.messageId))!;
      const { tributary: _platform, ...own } = context;
      const all: Readonly<Record<string, unknown>> = { ...event, context: own };
      return Object.fromEntries(Object.keys(fields).map((name) => [name, all[name]]));
    });
    expect(kept).toEqual(expected);
  });
});
