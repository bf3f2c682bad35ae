import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CollectorUnderTest } from './collector-under-test.js';

let collector: CollectorUnderTest;
beforeAll(async () => {
  collector = await (await CollectorUnderTest.start()).follow();
});
afterAll(async () => {
  await collector.stop();
});

async function post(path: string, body: string, headers: Record<string, string> = {}) {
  const authorization = `Basic ${btoa(`${collector.writeKey}:`)}`;
  const response = await fetch(`${collector.url}${path}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, body: (await response.json()) as object };
}

/** As the libraries' documentation says that they write their requests. */
const BODIES: readonly (readonly [library: string, path: string, body: string, event: object])[] = [
  [
    'PHP, which writes an empty object as an empty list',
    '/v1/batch',
    `{"batch":[{"type":"track","messageId":"php","userId":"77","event":"Order Completed","properties":[],"traits":[],"context":[],"timestamp":"2026-01-02T03:04:05.678+01:00"}],"sentAt":"2026-01-02T03:04:06+01:00"}`,
    { userId: '77', properties: {}, traits: {}, context: {}, originalTimestamp: '2026-01-02T02:04:05.678Z' },
  ],
  [
    'Ruby, with numbers as texts and a path of its own',
    '/v1/import',
    `{"batch":[{"type":"track","messageId":"ruby","userId":77,"event":"Order Completed","properties":{"total":"120.5","count":"3"},"context":{"library":{"name":"analytics-ruby","version":"2.5.0"}},"timestamp":"2026-01-02T03:04:05.678Z"}],"sentAt":"2026-01-02T03:04:06.000Z"}`,
    {
      userId: '77',
      properties: { total: '120.5', count: '3' },
      originalTimestamp: '2026-01-02T03:04:05.678Z',
    },
  ],
  [
    'Go, with nanoseconds and the context of the batch',
    '/v1/batch',
    `{"batch":[{"type":"track","messageId":"go","userId":"ann","event":"Order Completed","timestamp":"2026-01-02T03:04:05.678912345Z","properties":{"total":120.5}}],"sentAt":"2026-01-02T03:04:06.5Z","messageId":"batch-1","context":{"library":{"name":"analytics-go","version":"3.0.0"}}}`,
    {
      userId: 'ann',
      properties: { total: 120.5 },
      context: { library: { name: 'analytics-go', version: '3.0.0' } },
      originalTimestamp: '2026-01-02T03:04:05.678Z',
    },
  ],
];

describe('the requests of libraries that were not run', () => {
  it.each(BODIES)('are taken of %s', async (_library, path, body, expected) => {
    expect(await post(path, body)).toMatchObject({ status: 200, body: { success: true, accepted: 1 } });
    const { messageId } = (JSON.parse(body) as { batch: readonly { messageId: string }[] }).batch[0]!;
    const [event] = await collector.eventsOf([messageId]);
    expect(event).toMatchObject(expected);
  });
});
