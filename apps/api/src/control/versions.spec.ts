import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profileIdOf } from '@tributary/kernel';
import { BreakableWay, createTestDatabase, eventually, type TestDatabase } from '@tributary/testing';
import { RunningApi } from '../../test/running-api.fixture.js';

const api = new RunningApi();
const ask = api.ask.bind(api);
let database: TestDatabase;
let way: BreakableWay;

beforeAll(async () => {
  database = await createTestDatabase();
  way = new BreakableWay(database.url);
  await api.start({ DATABASE_URL: await way.open() });
});

afterAll(async () => {
  await api.stop();
  way.cut();
  await database.drop();
});

const QUERY = "trait('plan') = 'pro'";
const operator = { id: 'operator', kind: 'operator', name: 'Operator' };

describe('versions', () => {
  it('of an audience have author, instant and reason, and are restored, also after a removal', async () => {
    const put = (name: string, reason: string) =>
      ask('PUT', '/v1/audiences/pro', { name, query: QUERY }, { 'x-reason': reason });
    await put('One', 'wanted by Ann');
    const two = await put('Two', Buffer.from('größer').toString('latin1'));
    await ask('DELETE', '/v1/audiences/pro');
    const page = (await ask('GET', '/v1/audiences/pro/versions?limit=2')).body as {
      readonly cursor: { readonly next: string };
    };
    expect(page).toMatchObject({
      data: [
        { version: 3, author: operator, value: null },
        { version: 2, author: operator, reason: 'größer', value: { key: 'pro', name: 'Two', query: QUERY } },
      ],
      cursor: { hasMore: true },
    });
    expect((await ask('GET', `/v1/audiences/pro/versions?cursor=${page.cursor.next}`)).body).toMatchObject({
      data: [{ version: 1, author: operator, reason: 'wanted by Ann', value: { name: 'One' } }],
      cursor: { hasMore: false },
    });
    expect((await ask('POST', '/v1/audiences/pro/versions/3/restore')).body).toMatchObject({
      error: { code: 'version_not_found' },
    });
    const restored = await ask('POST', '/v1/audiences/pro/versions/2/restore');
    expect(restored).toMatchObject({ status: 201, body: { name: 'Two', version: 4 } });
    const { createdAt } = two.body as { readonly createdAt: string };
    expect(restored.body).toMatchObject({ createdAt });
    const stale = await ask('POST', '/v1/audiences/pro/versions/1/restore', undefined, { 'if-match': '"2"' });
    expect(stale).toMatchObject({
      status: 412,
      body: { error: { code: 'precondition_failed', details: { version: 4 } } },
    });
    expect(await ask('POST', '/v1/audiences/pro/versions/1/restore')).toMatchObject({
      status: 200,
      body: { name: 'One', version: 5 },
    });
    expect((await ask('GET', '/v1/audiences/none/versions')).body).toMatchObject({ data: [] });
    expect((await put('Three', 'x'.repeat(501))).status).toBe(400);
  });

  it('of a source show no secret and bring it back, and refuse a key that is another’s by now', async () => {
    const signature = { scheme: 'hmac-sha256', header: 'x-signature', secret: 's'.repeat(32) };
    const webhook = { type: 'track', event: "'Paid'", userId: 'customer', signature };
    const body = { name: 'Hooks', writeKeys: [{ key: 'wk_moving' }], webhook };
    const made = await ask('PUT', '/v1/sources/hooks', body);
    expect(made.status === 201 ? undefined : made.body).toBeUndefined();
    await ask('DELETE', '/v1/sources/hooks');
    const versions = JSON.stringify((await ask('GET', '/v1/sources/hooks/versions')).body);
    expect(versions).toContain('x-signature');
    expect(versions).not.toContain(signature.secret);
    await ask('PUT', '/v1/sources/taker', { name: 'Taker', writeKeys: [{ key: 'wk_moving' }] });
    expect(await ask('POST', '/v1/sources/hooks/versions/1/restore')).toMatchObject({
      status: 409,
      body: { error: { code: 'write_key_taken', details: [{ field: 'writeKeys[0].key' }] } },
    });
    await ask('DELETE', '/v1/sources/taker');
    expect((await ask('POST', '/v1/sources/hooks/versions/1/restore')).status).toBe(201);
    // Sent without its secret, the signature keeps the one that it has: so it is there again.
    const { secret: _secret, ...shown } = signature;
    const again = await ask('PUT', '/v1/sources/hooks', {
      ...body,
      webhook: { ...webhook, signature: shown },
    });
    expect(again.status).toBe(200);
  });

  it('of rules and splits are restored', async () => {
    const rules = await ask('GET', '/v1/identity/rules');
    const { namespaces } = rules.body as { readonly namespaces: Readonly<Record<string, object>> };
    await ask('PUT', '/v1/identity/rules', {
      namespaces: { ...namespaces, crm: { ...namespaces['*'], limit: 2 } },
    });
    await ask('DELETE', '/v1/identity/rules');
    expect(await ask('POST', '/v1/identity/rules/versions/1/restore')).toMatchObject({
      status: 200,
      body: { version: 3, namespaces: { crm: { limit: 2 } } },
    });
    const split = '/v1/identity/splits/user_id:a/user_id:b';
    await ask('PUT', split, { reason: 'two people' });
    await ask('DELETE', split);
    expect(await ask('POST', `${split}/versions/1/restore`)).toMatchObject({
      status: 201,
      body: { apart: true, reason: 'two people', version: 3 },
    });
    expect((await ask('GET', `${split}/versions`)).body).toMatchObject({
      data: [{ version: 3 }, { version: 2, value: { apart: false } }, { version: 1, value: { apart: true } }],
    });
  });
});

describe('while the database is away', () => {
  it('changes are answered with 503 and when to come again, and what flows is read', async () => {
    const profileId = profileIdOf(api.workspace, 'user_id:ann');
    const profile = JSON.stringify({ profileId, traits: {} });
    await api.insert('latest_profiles', [{ profile_id: profileId, merged_into: '', profile }]);
    await ask('PUT', '/v1/audiences/kept', { name: 'Kept', query: QUERY });
    const member = { since: '2026-01-02T03:04:05.678Z', identifiers: [] };
    await api.insert('current_memberships', [{ audience_key: 'kept', profile_id: profileId, ...member }]);
    way.cut();
    const refused = await ask('PUT', '/v1/audiences/kept', { name: 'Other', query: QUERY });
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await ask('GET', '/v1/audiences/kept')).toMatchObject({ status: 503 });
    expect((await ask('GET', `/v1/profiles/${profileId}`)).status).toBe(200);
    expect((await ask('GET', '/v1/profiles?identifier=user_id:ann')).status).toBe(200);
    expect((await ask('GET', '/v1/audiences/kept/members')).body).toMatchObject({ data: [{ profileId }] });
    expect((await ask('GET', '/health/ready')).body).toMatchObject({
      details: { database: { status: 'degraded' } },
    });
    await way.open();
    await eventually(async () => (await ask('GET', '/v1/audiences/kept')).status === 200);
    expect((await ask('GET', '/v1/audiences/kept')).body).toMatchObject({ name: 'Kept', version: 1 });
  });
});
