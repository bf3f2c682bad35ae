import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS, type EventMessage, type RejectedMessage } from '@tributary/contracts';
import { KafkaConnection, TopicFollower, type LogRecord } from '@tributary/kafka';
import type { RunningService } from '@tributary/service';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { gzipSync } from 'node:zlib';
import { startCollector } from '../test/running-collector.fixture.js';
import { ROUTES } from './http/routes.table.js';

const [writeKey, workspaceId] = [uniqueName('key'), uniqueName('workspace')];
let collector: Awaited<ReturnType<typeof startCollector>>;
let service: RunningService;
let authorization: string;
let followers: readonly TopicFollower[] = [];
const events: LogRecord[] = [];
const rejected: RejectedMessage[] = [];

beforeAll(async () => {
  collector = await startCollector({ writeKey, workspaceId });
  ({ service, authorization } = collector);
  const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('spec') });
  const follow = (topic: { readonly name: string }, onRecord: (record: LogRecord) => void) =>
    new TopicFollower(connection, topic, onRecord, { fromEnd: true });
  followers = [
    follow(TOPICS.events, (record) => {
      if (record.key.startsWith(`${workspaceId}/`)) events.push(record);
    }),
    follow(TOPICS.rejected, ({ value }) => {
      const message = JSON.parse(String(value)) as RejectedMessage;
      if (message.workspaceId === workspaceId) rejected.push(message);
    }),
  ];
  await Promise.all(followers.map((follower) => follower.start()));
});

afterAll(async () => {
  await Promise.all(followers.map((follower) => follower.stop()));
  await collector.stop();
});

const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(`${service.url}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { authorization, 'content-type': 'application/json', ...headers },
  });
const call = (more: object = {}) => ({
  type: 'track',
  event: 'Bought',
  userId: uniqueName('user'),
  messageId: uniqueName('message'),
  ...more,
});
const eventOf = (messageId: string) => events.find(({ headers }) => headers.messageId === messageId);
/** Waits for all of the calls and answers with their keys. */
const arrived = async (...calls: readonly { readonly messageId: string }[]) => {
  await eventually(() => calls.every(({ messageId }) => eventOf(messageId)));
  return calls.map(({ messageId }) => eventOf(messageId)?.key);
};
const messageOf = ({ messageId }: { readonly messageId: string }) =>
  JSON.parse(String(eventOf(messageId)?.value)) as EventMessage;
const rawOf = ({ raw }: RejectedMessage) => Buffer.from(raw, 'base64').toString();

describe('collector', () => {
  it('writes the good calls of a batch to events.v1 and the bad ones to events.rejected.v1', async () => {
    const good = Array.from({ length: 50 }, (_, i) => call({ properties: { i } }));
    const bad = { ...call(), userId: undefined };
    const response = await post('/v1/batch', JSON.stringify({ batch: [...good, bad] }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      success: true,
      accepted: 50,
      rejected: [expect.objectContaining({ index: 50, messageId: bad.messageId, code: 'no_identifier' })],
    });
    expect(await arrived(...good)).toEqual(good.map(({ userId }) => `${workspaceId}/user_id:${userId}`));
    await eventually(() => rejected.map(rawOf).some((raw) => raw.includes(bad.messageId)));
  });

  it('takes gzip, text/plain, and the write key in the body', async () => {
    const zipped = call();
    const body = gzipSync(JSON.stringify({ batch: [zipped] }));
    expect((await post('/v1/batch', body, { 'content-encoding': 'gzip' })).status).toBe(200);
    const plain = call();
    const headers = { 'content-type': 'text/plain', authorization: '' };
    expect((await post('/v1/track', JSON.stringify({ ...plain, writeKey }), headers)).status).toBe(200);
    expect(await arrived(zipped, plain)).toHaveLength(2);
  });

  it('keeps malformed JSON, and says that it is', async () => {
    const body = `{"batch":["${uniqueName('malformed')}"`;
    const response = await post('/v1/batch', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'malformed_json' } });
    await eventually(() => rejected.map(rawOf).includes(body));
  });

  it('keeps a body that is not in the encoding it names', async () => {
    const body = uniqueName('not gzip');
    const response = await post('/v1/batch', body, { 'content-encoding': 'gzip' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'malformed_encoding' } });
    await eventually(() => rejected.map(rawOf).includes(body));
  });

  it('stores nothing under an unknown write key', async () => {
    const stranger = call();
    const other = `Basic ${Buffer.from('other:').toString('base64')}`;
    const refused = await post('/v1/track', JSON.stringify(stranger), { authorization: other });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { code: 'unknown_write_key' } });
    const later = call({ userId: stranger.userId });
    expect((await post('/v1/track', JSON.stringify(later))).status).toBe(200);
    await arrived(later);
    expect(eventOf(stranger.messageId)).toBeUndefined();
  });

  it('does not unfold a bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000, '0'));
    const response = await post('/v1/batch', bomb, { 'content-encoding': 'gzip' });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: 'body_too_large' } });
  });

  it('refuses bodies over 500 KB, with and without a length', async () => {
    const body = JSON.stringify({ batch: [call({ properties: { filling: 'x'.repeat(512_000) } })] });
    expect((await post('/v1/batch', body)).status).toBe(413);
    const stream = new Blob([body]).stream();
    const chunked = await fetch(`${service.url}/v1/batch`, {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { authorization, 'content-type': 'application/json' },
    });
    expect(chunked.status).toBe(413);
  });

  it('refuses what is not JSON by its type, and encodings that it does not know', async () => {
    expect((await post('/v1/track', '<x/>', { 'content-type': 'application/xml' })).status).toBe(415);
    expect((await post('/v1/track', '{}', { 'content-encoding': 'compress' })).status).toBe(415);
  });

  it('says which routes there are', async () => {
    const unknown = await post('/v1/trak', '{}');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({
      error: { code: 'unknown_route', message: expect.stringContaining('POST on /v1/track') },
    });
    const wrong = await fetch(`${service.url}/v1/track`);
    expect(await wrong.json()).toMatchObject({ error: { message: 'expected POST on /v1/track' } });
    expect((await fetch(`${service.url}/`, { method: 'DELETE', body: '{' })).status).toBe(404);
  });

  it.each(ROUTES.filter(({ reads }) => reads === 'call').map(({ path, type }) => [path, type] as const))(
    'takes a call on %s as %s',
    async (path, type) => {
      const sent = { ...call({ groupId: 'g', previousId: 'p' }), type: 'other' };
      expect((await post(path, JSON.stringify(sent))).status).toBe(200);
      await arrived(sent);
      expect(messageOf(sent)).toMatchObject({ type, userId: sent.userId, workspaceId });
    },
  );

  it.each(ROUTES.filter(({ reads }) => reads === 'batch').map(({ path }) => path))(
    'takes a batch on %s',
    async (path) => {
      const sent = call();
      expect((await post(path, JSON.stringify({ batch: [sent] }))).status).toBe(200);
      await arrived(sent);
    },
  );

  it.each([
    ['X-Write-Key', '', { 'x-write-key': `${writeKey}:secret` }],
    ['the query', `?writeKey=${writeKey}`, {}],
    ['the query, and a bearer token', `?writeKey=${writeKey}`, { authorization: 'Bearer token' }],
  ])('takes the write key in %s', async (_where, query, headers) => {
    const sent = call();
    const response = await post(`/v1/track${query}`, JSON.stringify(sent), { authorization: '', ...headers });
    expect(response.status).toBe(200);
    await arrived(sent);
  });

  it('takes the write key in the body beside a bearer token', async () => {
    const sent = call({ writeKey });
    expect((await post('/v1/track', JSON.stringify(sent), { authorization: 'Bearer token' })).status).toBe(
      200,
    );
    await arrived(sent);
  });

  it('accepts and drops the metrics of libraries', async () => {
    const response = await post('/m', '{"series":[{"type":"Counter"}]}', { authorization: '' });
    expect(response.status).toBe(200);
    const shown = await (await fetch(`${service.url}/metrics`)).text();
    expect(shown).toMatch(
      /requests_dropped_total\{route="\/m",code="client_metrics",service="collector"\} 1/,
    );
  });

  it('takes a pixel, and shows it whatever it was', async () => {
    const sent = call();
    const good = `writeKey=${writeKey}&data=${Buffer.from(JSON.stringify(sent)).toString('base64url')}`;
    const flat = call();
    const fields = `writeKey=${writeKey}&event=E&userId=${flat.userId}&messageId=${flat.messageId}&properties.subject=S`;
    const broken = uniqueName('broken');
    for (const query of [good, fields, `writeKey=${writeKey}&data=${broken}`, 'writeKey=other', '']) {
      const response = await fetch(`${service.url}/v1/pixel/track?${query}`);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/gif']);
    }
    await arrived(sent, flat);
    expect(messageOf(flat)).toMatchObject({ type: 'track', event: 'E', properties: { subject: 'S' } });
    await eventually(() => rejected.map(rawOf).includes(broken));
    const shown = await (await fetch(`${service.url}/metrics`)).text();
    for (const code of ['malformed_json', 'unknown_write_key', 'missing_write_key'])
      expect(shown).toContain(`requests_dropped_total{route="/v1/pixel/track",code="${code}"`);
  });

  it('links the identifiers of a merge', async () => {
    const messageId = uniqueName('message');
    const mergeProperties = [
      { type: 'email', value: 'ann@example.com' },
      { type: 'card', value: '7' },
    ];
    expect((await post('/v1/merge', JSON.stringify({ mergeProperties, messageId }))).status).toBe(200);
    await arrived({ messageId });
    expect(messageOf({ messageId }).identifiers).toEqual(['email:ann@example.com', 'card:7']);
  });

  it('takes who sends from the AnonymousId header where the call does not say', async () => {
    const sent = { ...call(), userId: undefined };
    const anonymousid = Buffer.from('visitor-1').toString('base64');
    expect((await post('/v1/track', JSON.stringify(sent), { anonymousid })).status).toBe(200);
    await arrived(sent);
    expect(messageOf(sent).identifiers).toEqual(['anonymous_id:visitor-1']);
  });

  it('tells analytics.js and the library of RudderStack where to send', async () => {
    const host = service.url.replace('http://', '');
    const settings = await fetch(`${service.url}/v1/projects/${writeKey}/settings`);
    expect(await settings.json()).toMatchObject({
      integrations: { 'Segment.io': { apiKey: writeKey, apiHost: `${host}/v1`, protocol: 'http' } },
    });
    const config = await fetch(`${service.url}/sourceConfig/?p=web&writeKey=${writeKey}`);
    expect(await config.json()).toMatchObject({ source: { id: 'default', enabled: true, destinations: [] } });
    expect((await fetch(`${service.url}/v1/projects/other/settings`)).status).toBe(401);
    expect((await fetch(`${service.url}/sourceConfig/`)).status).toBe(401);
    expect((await fetch(`${service.url}/health`)).status).toBe(200);
  });

  it.each(ROUTES.map(({ method, path }) => [method, path]))(
    'lets browsers call %s %s from any page',
    async (method, path) => {
      const origin = 'https://shop.example';
      const preflight = await fetch(`${service.url}${path}`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization,x-retry-count,x-of-its-own',
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
      expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');
      expect(preflight.headers.get('access-control-allow-headers')).toBe(
        'authorization,x-retry-count,x-of-its-own',
      );
    },
  );

  it('lets a page read its answer, of a refusal too', async () => {
    const origin = 'https://shop.example';
    for (const headers of [{ origin }, { origin, authorization: '' }]) {
      const response = await post('/v1/track', JSON.stringify(call()), headers);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    }
  });

  it('is ready and counts what it took', async () => {
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
    const shown = await (await fetch(`${service.url}/metrics`)).text();
    expect(shown).toMatch(
      /tributary_collector_events_accepted_total\{source="default",workspace="[^"]+",service="collector"\} \d+/,
    );
    expect(shown).toContain('tributary_collector_request_duration_seconds_bucket{');
    expect(shown).toMatch(/tributary_collector_in_flight_bytes\{service="collector"\} 0/);
  });
});
