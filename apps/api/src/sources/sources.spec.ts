import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi } from '../../test/running-api.fixture.js';

const api = new RunningApi();

beforeAll(async () => {
  await api.start({ TRIBUTARY_WRITE_KEY: 'built-in-key' });
});

afterAll(async () => {
  await api.stop();
});

interface Shown {
  readonly id: string;
  readonly writeKeys: readonly { readonly key: string; readonly createdAt: string }[];
  readonly cursor: { readonly next: string | null };
  readonly data: readonly { readonly id: string }[];
  readonly error: { readonly code: string; readonly message: string; readonly details: unknown };
}

async function ask(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const answer = await api.ask(method, `/v1/sources${path}`, body, headers);
  return {
    status: answer.status,
    etag: answer.headers.get('etag') ?? '',
    body: (answer.body === '' ? {} : answer.body) as Shown,
  };
}

const WHOLE = {
  name: 'Till',
  enabled: true,
  rateLimit: { eventsPerSecond: 100, burst: 500 },
  allowedOrigins: ['https://shop.example'],
  identifierKeys: { traits: { crmId: 'crm' } },
  deduplicateBy: { 'Order Completed': 'properties.order_id' },
  webhook: { type: 'track', event: "'Order Completed'", userId: 'customer' },
  plan: {
    events: [{ type: 'track', event: 'A', schema: { required: ['userId'] }, onViolation: 'drop_property' }],
    unplanned: 'reject',
  },
};

const EVENT = { type: 'track', schema: {}, onViolation: 'allow' };

describe('sources', () => {
  it('are created without keys, shown, replaced and removed', async () => {
    const created = await ask('PUT', '/till', WHOLE);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ id: 'till', ...WHOLE, writeKeys: [] });
    expect(created.body).not.toHaveProperty('workspaceId');
    expect(await ask('GET', '/till')).toEqual({ ...created, status: 200 });

    const replaced = await ask('PUT', '/till', { name: 'Till' }, { 'if-match': created.etag });
    expect(replaced.status).toBe(200);
    expect(replaced.body).not.toHaveProperty('plan');
    expect(await ask('PUT', '/till', { name: 'T' }, { 'if-match': created.etag })).toMatchObject({
      status: 412,
      body: { error: { code: 'precondition_failed' } },
    });
    expect((await ask('DELETE', '/till', undefined, { 'if-match': replaced.etag })).status).toBe(204);
    expect(await ask('GET', '/till')).toMatchObject({
      status: 404,
      body: { error: { code: 'source_not_found' } },
    });
  });

  it('keep their version where what is put is what is there', async () => {
    const first = await ask('PUT', '/same', WHOLE);
    expect((await ask('PUT', '/same', WHOLE)).etag).toBe(first.etag);
  });

  it('have several write keys, made and taken one by one, which a replacement leaves as they are', async () => {
    await ask('PUT', '/keys', { name: 'Keys' });
    const made = await Promise.all([ask('POST', '/keys/write-keys'), ask('POST', '/keys/write-keys')]);
    expect(made.map(({ status }) => status)).toEqual([201, 201]);
    const [first = '', second = ''] = made.map(({ body }) => (body as unknown as { key: string }).key);
    expect(first).toMatch(/^wk_[\w-]{32}$/);
    expect(second).not.toBe(first);
    const { body } = await ask('PUT', '/keys', { name: 'Other' });
    expect(body.writeKeys.map(({ key }) => key).sort()).toEqual([first, second].sort());
    expect((await ask('DELETE', `/keys/write-keys/${first}`)).status).toBe(204);
    expect(await ask('DELETE', `/keys/write-keys/${first}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'write_key_not_found' } },
    });
    expect((await ask('GET', '/keys')).body.writeKeys.map(({ key }) => key)).toEqual([second]);
    expect((await ask('POST', '/nothing/write-keys')).status).toBe(404);
  });

  it('bring keys of their own, which stay when they were made', async () => {
    const { body } = await ask('PUT', '/brought', { name: 'B', writeKeys: [{ key: 'brought-along' }] });
    const again = await ask('PUT', '/brought', {
      name: 'C',
      writeKeys: [...body.writeKeys, { key: 'another-one' }],
    });
    expect(again.body.writeKeys[0]).toEqual(body.writeKeys[0]);
  });

  it('share no key', async () => {
    await ask('PUT', '/owner', { name: 'O', writeKeys: [{ key: 'owned-by-owner' }] });
    for (const key of ['owned-by-owner', 'built-in-key']) {
      expect(
        await ask('PUT', '/thief', { name: 'T', writeKeys: [{ key: 'its-own-key' }, { key }] }),
      ).toMatchObject({
        status: 409,
        body: { error: { code: 'write_key_taken', details: [{ field: 'writeKeys[1].key' }] } },
      });
    }
  });

  it('are created only, where If-None-Match asks for that', async () => {
    const onlyNew = { 'if-none-match': '*' };
    expect((await ask('PUT', '/once', { name: 'A' }, onlyNew)).status).toBe(201);
    for (const id of ['once', 'default']) {
      expect([id, (await ask('PUT', `/${id}`, { name: 'B' }, onlyNew)).status]).toEqual([id, 412]);
    }
  });

  it('called default are replaced under the version that the built-in one is shown with', async () => {
    const { etag } = await ask('GET', '/default');
    expect((await ask('PUT', '/default', { name: 'D' }, { 'if-match': etag })).status).toBe(201);
    await ask('DELETE', '/default');
  });

  it('called default take over the key of the built-in one', async () => {
    expect((await ask('PUT', '/default', { name: 'Default' })).body.writeKeys).toEqual([
      { key: 'built-in-key', createdAt: expect.any(String) },
    ]);
    expect((await ask('DELETE', '/default')).status).toBe(204);
  });

  it('are listed page by page in the order of their ids', async () => {
    for (const id of ['l3', 'l1', 'l2']) await ask('PUT', `/${id}`, { name: id });
    const ids: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await ask('GET', `?limit=2${cursor}`);
      ids.push(...body.data.map(({ id }) => id));
      if (body.cursor.next === null) break;
      cursor = `&cursor=${body.cursor.next}`;
    }
    expect(ids).toEqual([...ids].sort());
    expect(ids).toEqual(expect.arrayContaining(['l1', 'l2', 'l3']));
  });

  it.each<[object, string, string]>([
    [{}, 'name', 'name must be'],
    [{ name: 'A', rate: 1 }, 'rate', 'rate is no field here; did you mean rateLimit?'],
    [{ name: 'A', rateLimit: { eventsPerSecond: 0 } }, 'rateLimit.eventsPerSecond', '>= 1'],
    [{ name: 'A', writeKeys: [{ key: 'short' }] }, 'writeKeys[0].key', 'must match pattern'],
    [
      { name: 'A', writeKeys: [{ key: 'twice-the-same' }, { key: 'twice-the-same' }] },
      'writeKeys[1].key',
      'twice',
    ],
    [{ name: 'A', allowedOrigins: ['shop.example'] }, 'allowedOrigins[0]', 'https://shop.example'],
    [{ name: 'A', allowedOrigins: ['https://shop.example/'] }, 'allowedOrigins[0]', 'must be an origin'],
    [
      { name: 'A', deduplicateBy: { 'Order Completed': 'order_id' } },
      'deduplicateBy.Order Completed',
      'properties',
    ],
    [{ name: 'A', webhook: { type: 'track', event: 'a[' } }, 'webhook.event', 'is no JMESPath expression'],
    [
      { name: 'A', webhook: { type: 'track', signature: { scheme: 'github' } } },
      'webhook.signature',
      'secret',
    ],
    [
      { name: 'A', webhook: { type: 'track', signature: { scheme: 'hmac-sha256', secret: 's' } } },
      'webhook.signature.header',
      'is required',
    ],
    ...['!!!', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_MDEyMzQ1Njc4OWFiY2RlZg==!'].map(
      (secret): [object, string, string] => [
        { name: 'A', webhook: { type: 'track', signature: { scheme: 'standard-webhooks', secret } } },
        'webhook.signature.secret',
        'must be base64 of at least 16 bytes',
      ],
    ),
    [
      {
        name: 'A',
        plan: { unplanned: 'allow', events: [{ type: 'trak', schema: {}, onViolation: 'allow' }] },
      },
      'plan.events[0].type',
      'track, identify',
    ],
    [
      {
        name: 'A',
        plan: {
          unplanned: 'allow',
          events: [{ type: 'track', schema: { properties: { a: { type: 'txt' } } }, onViolation: 'allow' }],
        },
      },
      'plan.events[0].schema/properties/a/type',
      'must be',
    ],
    ...[
      [{ plan: { unplanned: 'allow', events: [{ ...EVENT, evnt: 'A' }] } }, 'plan.events[0].evnt', 'event'],
      [{ webhook: { ...WHOLE.webhook, userID: 'id' } }, 'webhook.userID', 'userId'],
      [{ webhook: { ...WHOLE.webhook, user_id: 'id' } }, 'webhook.user_id', 'userId'],
      [{ rateLimit: { eventsPerSecond: 1, bursts: 2 } }, 'rateLimit.bursts', 'burst'],
      [
        { webhook: { ...WHOLE.webhook, signature: { scheme: 'github', secret: 's', tolerance: 9 } } },
        'webhook.signature.tolerance',
        'toleranceSeconds',
      ],
      [{ identifierKeys: { trait: {} } }, 'identifierKeys.trait', 'traits'],
      [{ writeKeys: [{ key: 'a-key-of-its-own', created: 1 }] }, 'writeKeys[0].created', 'createdAt'],
      [{ writeKey: [] }, 'writeKey', 'writeKeys'],
    ].map(([body, field, near]): [object, string, string] => [
      { name: 'A', ...(body as object) },
      field as string,
      `${field as string} is no field here; did you mean ${near as string}?`,
    ]),
    [{ name: 'A', deduplicateBy: { '': 'properties.a' } }, 'deduplicateBy.""', 'is no name: it is empty'],
    [
      { name: 'A', webhook: { ...WHOLE.webhook, externalIds: { 'a:b': 'id' } } },
      'webhook.externalIds.a:b',
      'is no name that it may have',
    ],
    [{ name: 'A', webhook: { type: 'track', userId: 'id' } }, 'webhook.event', 'a fixed text is in quotes: '],
    [{ name: 'A', webhook: { type: 'group', userId: 'id' } }, 'webhook.groupId', 'is missing'],
    [{ name: 'A', webhook: { type: 'alias', userId: 'id' } }, 'webhook.type', 'previousId'],
    [{ name: 'A', webhook: { type: 'track', event: "'A'" } }, 'webhook', 'names nobody'],
  ])('%j is refused, and %s is named', async (body, field, message) => {
    const answer = await ask('PUT', '/bad', body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe('invalid_request');
    expect(answer.body.error.message).toContain(message);
    expect(answer.body.error.details).toEqual(expect.arrayContaining([expect.objectContaining({ field })]));
  });

  it('take the secret of a signature, keep it where it is not sent again, and never show it', async () => {
    const signature = { scheme: 'hmac-sha256', header: 'X-Signature' };
    const body = (more: object) => ({
      name: 'S',
      webhook: { type: 'identify', userId: 'id', signature: { ...signature, ...more } },
    });
    const created = await ask('PUT', '/signed', body({ secret: 'never to be seen' }));
    expect(created.body).toMatchObject({ webhook: { signature } });
    const unchanged = await ask('PUT', '/signed', body({}));
    expect(unchanged).toMatchObject({ status: 200, etag: created.etag });
    const changed = await ask('PUT', '/signed', body({ secret: 'a renewed one' }));
    expect(changed.etag).not.toBe(created.etag);
    const shown = [created, unchanged, changed, await ask('GET', '/signed'), await ask('GET', '?limit=100')];
    expect(JSON.stringify(shown)).not.toMatch(/secret|never to be seen|renewed/);
    await ask('DELETE', '/signed');
  });

  it('show how their calls differed from the plan, where both are there', async () => {
    await ask('PUT', '/planned', { name: 'P' });
    expect((await ask('GET', '/planned/violations?since=yesterday')).status).toBe(400);
    expect((await ask('GET', '/nobody/violations')).status).toBe(404);
  });
});
