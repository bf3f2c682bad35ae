import { describe, expect, it, jest } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { eventually, uniqueName } from '@tributary/testing';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(120_000);

const underTest = new PlatformUnderTest();

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly accepted?: number;
    readonly rejected?: readonly { readonly code: string; readonly field: string }[];
    readonly error?: { readonly code: string };
    readonly data?: readonly object[];
    readonly key?: string;
  };
}

async function answerOf(asked: Promise<Response>): Promise<Answer> {
  const response = await asked;
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Answer['body'];
  return { status: response.status, headers: response.headers, body };
}

const put = (id: string, source: object) =>
  answerOf(
    underTest.client.api(`/v1/sources/${id}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: id, ...source }),
    }),
  );
const newKey = async (id: string) =>
  (await answerOf(underTest.client.api(`/v1/sources/${id}/write-keys`, { method: 'POST' }))).body.key ?? '';

const call = (properties: object = {}) => ({
  type: 'track',
  event: 'Order Completed',
  userId: uniqueName('user'),
  properties: { total: 1, ...properties },
});
const send = (key: string, batch: readonly object[] = [call()], headers: Record<string, string> = {}) =>
  answerOf(
    underTest.client.post('/v1/batch', JSON.stringify({ batch }), {
      headers: { Authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`, ...headers },
    }),
  );
/** Until a change is in force at the collector. */
const answers = (status: number, ask: () => Promise<Answer>) =>
  eventually(ask, { until: (answer) => answer.status === status, what: `answer ${status}` });

describe('a source', () => {
  it('opens with its keys, and with a new one beside an old one, and closes when they are taken', async () => {
    expect((await put('rotated', {})).status).toBe(201);
    const first = await newKey('rotated');
    await answers(200, () => send(first));
    const second = await newKey('rotated');
    await answers(200, () => send(second));
    expect((await send(first)).status).toBe(200);
    await underTest.client.api(`/v1/sources/rotated/write-keys/${first}`, { method: 'DELETE' });
    expect((await answers(401, () => send(first))).body.error?.code).toBe('unknown_write_key');
    expect((await send(second)).status).toBe(200);
    expect(await underTest.read(TOPICS.events, 'event@1')).toEqual(
      expect.arrayContaining([expect.objectContaining({ sourceId: 'rotated' })]),
    );
  });

  it('closes while it is disabled, and for good when it is removed', async () => {
    await put('switched', { writeKeys: [{ key: 'key-of-switched' }] });
    await answers(200, () => send('key-of-switched'));
    await put('switched', { enabled: false });
    expect((await answers(403, () => send('key-of-switched'))).body.error?.code).toBe('source_disabled');
    await put('switched', {});
    await answers(200, () => send('key-of-switched'));
    expect((await underTest.client.api('/v1/sources/switched', { method: 'DELETE' })).status).toBe(204);
    await answers(401, () => send('key-of-switched'));
  });

  it('takes calls from the pages that it names alone', async () => {
    await put('paged', { writeKeys: [{ key: 'key-of-paged' }], allowedOrigins: ['https://shop.example'] });
    const from = (origin: string) => send('key-of-paged', [call()], { origin });
    const taken = await answers(200, () => from('https://shop.example'));
    expect(taken.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    const refused = await from('https://other.example');
    expect([refused.status, refused.body.error?.code]).toEqual([403, 'origin_not_allowed']);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is held to its rate, and its neighbours are not', async () => {
    await put('slow', { writeKeys: [{ key: 'key-of-slow' }], rateLimit: { eventsPerSecond: 1, burst: 100 } });
    await answers(200, () => send('key-of-slow'));
    const hundred = Array.from({ length: 200 }, () => call());
    expect(await send('key-of-slow', hundred)).toMatchObject({ status: 200, body: { accepted: 200 } });
    const refused = await send('key-of-slow');
    expect([refused.status, refused.body.error?.code]).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(90);
    expect(Number(refused.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1_000 + 90);
    expect((await send('dev-write-key')).status).toBe(200);
  });

  it('is held to its plan, and what differs from it can be looked at', async () => {
    const schema = {
      properties: {
        properties: {
          properties: { total: { type: 'number' } },
          required: ['total'],
          additionalProperties: false,
        },
      },
    };
    const planned = (event: string, onViolation: string) => ({ type: 'track', event, schema, onViolation });
    const events = [planned('Order Completed', 'drop_property'), planned('Order Refunded', 'reject')];
    await put('planned', { writeKeys: [{ key: 'key-of-planned' }], plan: { events, unplanned: 'reject' } });
    const sent = [
      call({ colour: 'red' }),
      { ...call({ total: 'much' }), event: 'Order Refunded' },
      { ...call(), event: 'Order Dreamt' },
    ];
    const answer = await answers(200, () => send('key-of-planned', sent));
    expect(answer.body).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 1, code: 'plan_violation', field: 'properties.total' },
        { index: 2, code: 'unplanned_event', field: 'event' },
      ],
    });
    const stored = await underTest.read(TOPICS.events, 'event@1');
    expect(stored.find(({ userId }) => userId === sent[0]?.userId)?.properties).toEqual({ total: 1 });
    await eventually(async () => {
      const { body } = await answerOf(underTest.client.api('/v1/sources/planned/violations'));
      expect(body.data).toHaveLength(3);
      expect(body.data).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            event: 'Order Completed',
            field: 'properties.colour',
            outcome: 'dropped',
          }),
          expect.objectContaining({
            event: 'Order Refunded',
            field: 'properties.total',
            outcome: 'rejected',
          }),
          expect.objectContaining({ event: 'Order Dreamt', code: 'unplanned_event', outcome: 'rejected' }),
        ]),
      );
    });
  });
});
