import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi } from '../../test/running-api.fixture.js';

const QUERY = "event('Order Completed').within(30 days).sum(property('revenue'))";
const api = new RunningApi();
const ask = api.ask.bind(api);

beforeAll(() => api.start());
afterAll(() => api.stop());

describe('computed traits', () => {
  it('are created, shown, replaced, restored and removed', async () => {
    const created = await ask('PUT', '/v1/traits/revenue_30d', { name: 'Revenue', query: ` ${QUERY}  ` });
    expect(created).toMatchObject({
      status: 201,
      body: { key: 'revenue_30d', name: 'Revenue', query: QUERY, grainMs: 1_800_000, version: 1 },
    });
    expect((await ask('GET', '/v1/traits/revenue_30d')).body).toMatchObject({ query: QUERY, version: 1 });
    const etag = created.headers.get('etag') ?? '';
    const body = { name: 'Orders', query: "event('Order Completed').count()" };
    const replaced = await ask('PUT', '/v1/traits/revenue_30d', body, { 'if-match': etag });
    expect(replaced).toMatchObject({ status: 200, body: { ...body, grainMs: null, version: 2 } });
    expect((await ask('DELETE', '/v1/traits/revenue_30d', undefined, { 'if-match': etag })).status).toBe(412);
    const restored = await ask('POST', '/v1/traits/revenue_30d/versions/1/restore');
    expect(restored).toMatchObject({ status: 200, body: { query: QUERY, version: 3 } });
    expect((await ask('DELETE', '/v1/traits/revenue_30d')).status).toBe(204);
    expect(await ask('GET', '/v1/traits/revenue_30d')).toMatchObject({
      status: 404,
      body: { error: { code: 'trait_not_found' } },
    });
    expect((await ask('GET', '/v1/traits/revenue_30d/versions')).body).toMatchObject({
      data: [{ version: 4, value: null }, { version: 3 }, { version: 2 }, { version: 1 }],
    });
  });

  it('are of people unless they are of accounts', async () => {
    const body = { name: 'Revenue', query: QUERY };
    expect((await ask('PUT', '/v1/traits/whose', body)).body).toMatchObject({ of: 'people', version: 1 });
    expect((await ask('PUT', '/v1/traits/whose', { ...body, of: 'people' })).body).toMatchObject({
      version: 1,
    });
    const ofAccounts = await ask('PUT', '/v1/traits/whose', { ...body, of: 'accounts' });
    expect(ofAccounts.body).toMatchObject({ of: 'accounts', query: QUERY, version: 2 });
    expect((await ask('GET', '/v1/definitions')).body).toMatchObject({
      traits: { whose: { ...body, of: 'accounts' } },
    });
    expect(await ask('PUT', '/v1/traits/whose', { ...body, of: 'teams' })).toMatchObject({
      status: 400,
      body: { error: { details: [{ field: 'of', message: 'must be people or accounts' }] } },
    });
    await ask('DELETE', '/v1/traits/whose');
  });

  it('are listed by key, in pages', async () => {
    for (const key of ['b', 'a', 'C']) await ask('PUT', `/v1/traits/${key}`, { name: key, query: QUERY });
    const first = (await ask('GET', '/v1/traits?limit=2')).body as {
      cursor: { next: string };
      data: object[];
    };
    expect(first).toMatchObject({ data: [{ key: 'C' }, { key: 'a' }], cursor: { hasMore: true } });
    expect((await ask('GET', `/v1/traits?limit=2&cursor=${first.cursor.next}`)).body).toMatchObject({
      data: [{ key: 'b' }],
    });
  });

  it.each([
    ["event('A').count() >= 1", 'line 1, column 20: a computed trait ends in a value, not in a comparison'],
    ["event('A').sum(property('x') as string)", 'sum(…) of texts is not possible'],
    ["event('A').total()", 'unknown reducer "total"'],
  ])('are refused with the place and a reason: %s', async (query, reason) => {
    const refused = await ask('PUT', '/v1/traits/wrong', { name: 'Wrong', query });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_query' } } });
    expect(JSON.stringify(refused.body)).toContain(JSON.stringify(reason).slice(1, -1));
    expect((await ask('GET', '/v1/traits/wrong')).status).toBe(404);
  });

  it('are in the file of definitions', async () => {
    const traits = { orders: { name: 'Orders', query: "event('Order Completed').count()" } };
    const applied = await ask('PUT', '/v1/definitions?prune=true', { traits });
    expect(applied).toMatchObject({ status: 200, body: { summary: { created: 1 } } });
    expect((await ask('GET', '/v1/definitions')).body).toMatchObject({ traits });
  });
});
