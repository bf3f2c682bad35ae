import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { WebhookMapping } from '@tributary/contracts';
import { createHmac } from 'node:crypto';
import { startInMemoryCollector } from '../../test/collector.fixture.js';

const SECRET = 'very secret';
const WHSEC = `whsec_${Buffer.from('0123456789abcdef').toString('base64')}`;
const mapping = { type: 'track', event: "'Paid'", userId: 'user', messageId: 'id' } as const;
const sourceOf = (sourceId: string, webhook: WebhookMapping) => ({
  workspaceId: 'w',
  sourceId,
  enabled: true,
  webhook,
});
const signedBy = (signature: NonNullable<WebhookMapping['signature']>) => ({ ...mapping, signature });

let collector: Awaited<ReturnType<typeof startInMemoryCollector>>;
beforeAll(async () => {
  collector = await startInMemoryCollector({
    'sms-key': sourceOf('sms', {
      type: 'track',
      event: "'SMS'",
      externalIds: { phone: 'To' },
      messageId: 'MessageSid',
      properties: '@',
    }),
    'form-key': sourceOf('form', { ...mapping, userId: 'payload.user.id || user.id', properties: '@' }),
    'plain-key': sourceOf(
      'plain',
      signedBy({ scheme: 'hmac-sha256', secret: SECRET, header: 'X-Signature', prefix: 'v0=' }),
    ),
    'base64-key': sourceOf(
      'base64',
      signedBy({ scheme: 'hmac-sha256', secret: SECRET, header: 'X-Sign', encoding: 'base64' }),
    ),
    'github-key': sourceOf('github', signedBy({ scheme: 'github', secret: SECRET })),
    'shopify-key': sourceOf('shopify', signedBy({ scheme: 'shopify', secret: SECRET })),
    'stripe-key': sourceOf('stripe', signedBy({ scheme: 'stripe', secret: WHSEC })),
    'standard-key': sourceOf(
      'standard',
      signedBy({ scheme: 'standard-webhooks', secret: WHSEC, toleranceSeconds: 60 }),
    ),
    'keyless-key': sourceOf('keyless', signedBy({ scheme: 'standard-webhooks', secret: 'whsec_!!!' })),
    'timed-key': sourceOf('timed', { ...mapping, timestamp: 'created' }),
  });
});
afterAll(async () => {
  await collector.service.close();
});
beforeEach(() => {
  collector.log.records.length = 0;
});

const JSON_HEADERS = { 'content-type': 'application/json' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const post = (source: string, body: string | Buffer, headers: Record<string, string>) =>
  collector.post(`/v1/webhook/${source}/?writeKey=${source}-key`, body, { authorization: '', ...headers });
const properties = () => collector.events().map((event) => event.properties);

describe('a form', () => {
  it('is an object of its fields', async () => {
    expect(
      await post('sms', 'MessageSid=SM1&To=%2B4366012345&Body=Gr%C3%BC%C3%9Fe+%26+so', FORM),
    ).toMatchObject({
      status: 200,
      body: { success: true, accepted: 1 },
    });
    expect(properties()).toEqual([{ MessageSid: 'SM1', To: '+4366012345', Body: 'Grüße & so' }]);
    expect(collector.events()[0]?.identifiers).toEqual(['phone:+4366012345']);
  });

  it.each<[string, object]>([
    [
      `id=1&payload=${encodeURIComponent('{"user":{"id":"ann"},"n":1}')}`,
      { payload: { user: { id: 'ann' }, n: 1 } },
    ],
    ['id=1&user[id]=ann&tags[]=a&tags[]=b&c=1&c=2', { user: { id: 'ann' }, tags: ['a', 'b'], c: ['1', '2'] }],
    ['id=1&user[id]=ann&note=%7Bnot+json', { user: { id: 'ann' }, note: '{not json' }],
  ])('may be nested: %s', async (body, expected) => {
    expect(await post('form', body, FORM)).toMatchObject({ status: 200 });
    expect(properties()).toEqual([{ id: '1', ...expected }]);
  });

  it('may have parts, of which files are left out', async () => {
    const form = new FormData();
    form.append('id', '1');
    form.append('user[id]', 'ann');
    form.append('text', 'Grüße 100%');
    form.append('attachment', new Blob(['bytes']), 'a.txt');
    const response = new Response(form);
    const type = { 'content-type': response.headers.get('content-type') ?? '' };
    expect(await post('form', Buffer.from(await response.arrayBuffer()), type)).toMatchObject({
      status: 200,
    });
    expect(properties()).toEqual([{ id: '1', user: { id: 'ann' }, text: 'Grüße 100%' }]);
  });

  it('may be Latin-1 where it says so, and is refused where it does not', async () => {
    const body = 'id=1&user[id]=M%FCller';
    expect(await post('form', body, FORM)).toMatchObject({ status: 400 });
    expect(collector.rejected()).toMatchObject([{ request: { contentType: FORM['content-type'] } }]);
    const latin = { 'content-type': `${FORM['content-type']}; charset=iso-8859-1` };
    expect(await post('form', body, latin)).toMatchObject({ status: 200 });
    expect(collector.events().map(({ userId }) => userId)).toEqual(['Müller']);
  });

  it('is JSON where it is JSON', async () => {
    expect(await post('form', '{"id":"1","user":{"id":"ann"}}', FORM)).toMatchObject({ status: 200 });
  });

  it('that was rejected is read as one again', async () => {
    const body = 'id=1&user[name]=ann';
    expect(await post('form', body, FORM)).toMatchObject({
      status: 400,
      body: { code: 'nothing_acceptable' },
    });
    const [rejected] = collector.rejected();
    if (!rejected) throw new Error('nothing was rejected');
    const mapping = { body: [{ op: 'rename', from: 'user.name', to: 'user.id' } as const] };
    const records = [{ partition: 0, offset: 0, rejected }];
    const replayed = await collector.replay().again({ records, mapping, dryRun: false, samples: 0 });
    expect(replayed).toMatchObject({ ok: true, value: { outcomes: [{ accepted: 1 }] } });
    expect(collector.events().map(({ userId }) => userId)).toEqual(['ann']);
  });
});

describe('the timestamp of a webhook', () => {
  it.each([['1767323045'], ['"1767323045"'], ['1767323045000']])(
    'may be Unix time, in seconds too: %s',
    async (created) => {
      const body = `{"id":"1","user":"ann","created":${created}}`;
      expect(await post('timed', body, JSON_HEADERS)).toMatchObject({ status: 200 });
      expect(collector.events().map(({ timestamp }) => timestamp)).toEqual(['2026-01-02T03:04:05.000Z']);
    },
  );
});

describe('a signature', () => {
  const body = Buffer.from('{"id":"1","user":"ann"}');
  const hmac = (secret: string | Buffer, text: string, encoding: 'hex' | 'base64') =>
    createHmac('sha256', secret).update(text).digest(encoding);
  const now = () => Math.floor(Date.now() / 1_000);
  const stripe = (at: number, more = '') => ({
    'stripe-signature': `t=${at},v1=${'0'.repeat(64)},v1=${hmac(WHSEC, `${at}.${body.toString()}`, 'hex')}${more}`,
  });
  const standard = (at: number) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(at),
    'webhook-signature': `v1,${hmac('other', 'x', 'base64')} v1,${hmac(Buffer.from('0123456789abcdef'), `msg_1.${at}.${body.toString()}`, 'base64')}`,
  });
  const good: readonly [string, () => Record<string, string>][] = [
    ['plain', () => ({ 'x-signature': `v0=${hmac(SECRET, body.toString(), 'hex')}` })],
    ['base64', () => ({ 'x-sign': hmac(SECRET, body.toString(), 'base64') })],
    ['github', () => ({ 'x-hub-signature-256': `sha256=${hmac(SECRET, body.toString(), 'hex')}` })],
    ['shopify', () => ({ 'x-shopify-hmac-sha256': hmac(SECRET, body.toString(), 'base64') })],
    ['stripe', () => stripe(now(), ',v0=abc')],
    ['standard', () => standard(now())],
  ];

  it.each(good)('of %s opens the endpoint', async (source, headers) => {
    expect(await post(source, body, { ...JSON_HEADERS, ...headers() })).toMatchObject({ status: 200 });
  });

  it.each(good)('of %s does not fit another body, and nothing is kept of it', async (source, headers) => {
    const other = Buffer.from('{"id":"1","user":"bob"}');
    expect(await post(source, other, { ...JSON_HEADERS, ...headers() })).toMatchObject({
      status: 401,
      body: { code: 'invalid_signature' },
    });
    expect(await post(source, body, JSON_HEADERS)).toMatchObject({
      status: 401,
      body: { code: 'missing_signature' },
    });
    expect(collector.log.records).toEqual([]);
    expect(await collector.metrics()).toContain(
      `tributary_collector_requests_not_kept_total{source="${source}",code="invalid_signature"`,
    );
  });

  it('fits nothing where the secret of the source is no key', async () => {
    const at = now();
    const forged = {
      ...standard(at),
      'webhook-signature': `v1,${hmac('', `msg_1.${at}.${body.toString()}`, 'base64')}`,
    };
    expect(await post('keyless', body, { ...JSON_HEADERS, ...forged })).toMatchObject({
      status: 401,
      body: { code: 'invalid_signature' },
    });
    expect(collector.log.records).toEqual([]);
  });

  it.each([
    ['stripe', stripe(now() - 400)],
    ['stripe', stripe(now() + 400)],
    ['standard', standard(now() - 100)],
    ['stripe', stripe(NaN)],
  ])('of %s that is too old, or of a time to come, is refused', async (source, headers) => {
    expect(await post(source, body, { ...JSON_HEADERS, ...headers })).toMatchObject({
      status: 401,
      body: { code: 'signature_expired' },
    });
  });
});
