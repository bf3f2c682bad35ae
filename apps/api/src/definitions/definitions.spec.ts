import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi } from '../../test/running-api.fixture.js';
import type { ShownPlan } from './definitions.dto.js';

const api = new RunningApi();
const ask = api.ask.bind(api);

beforeAll(async () => {
  await api.start();
});

afterAll(async () => {
  await api.stop();
});

interface File {
  readonly sources: Readonly<Record<string, object>>;
  readonly audiences: Readonly<Record<string, object>>;
  readonly rules: { readonly namespaces: Readonly<Record<string, object>> };
  readonly splits: readonly object[];
}

const PRO = { name: 'Pro', query: "trait('plan') = 'pro'" };
const EMPTY = { sources: {}, audiences: {}, splits: [] };

const exported = async (query = '') => (await ask('GET', `/v1/definitions${query}`)).body as File;
const put = (body: object, query = '', headers: Record<string, string> = {}) =>
  ask('PUT', `/v1/definitions${query}`, body, headers);
const planOf = async (body: object, query = '') =>
  (await put(body, `?dryRun=true${query}`)).body as ShownPlan;
const empty = () => put(EMPTY, '?prune=true');

describe('definitions', () => {
  it('are planned, applied and exported, and a second time nothing is changed', async () => {
    const body = {
      sources: { web: { name: 'Web', rateLimit: { eventsPerSecond: 5 } } },
      audiences: { pro: { name: 'Pro', query: "  trait('plan')   = 'pro'" } },
      splits: [{ a: 'user_id:b', b: 'email:A@Example.com', reason: 'two people' }],
    };
    const plan = await planOf(body);
    expect(plan).toMatchObject({
      applied: false,
      summary: { created: 3, changed: 0, removed: 0, unchanged: 0, leftAlone: 0 },
      changes: [
        { kind: 'source', id: 'web', place: 'sources.web', action: 'create', before: null, version: null },
        { kind: 'audience', id: 'pro', action: 'create', after: PRO },
        { kind: 'split', action: 'create', after: { a: 'email:a@example.com', b: 'user_id:b' } },
      ],
    });
    expect((await ask('GET', '/v1/audiences/pro')).status).toBe(404);
    const applied = await put(body, '', {
      'if-match': `"${plan.digest}"`,
      'x-reason': 'from the repository',
    });
    expect(applied).toMatchObject({ status: 200, body: { ...plan, applied: true } });
    expect(applied.headers.get('etag')).toBe(`"${plan.digest}"`);
    const file = await exported();
    expect(file).toMatchObject({
      sources: { web: { name: 'Web', enabled: true, rateLimit: { eventsPerSecond: 5 } } },
      audiences: { pro: PRO },
      splits: [{ a: 'email:a@example.com', b: 'user_id:b', reason: 'two people' }],
    });
    for (const again of [body, file]) {
      expect((await put(again)).body).toMatchObject({
        changes: [],
        summary: { unchanged: again === file ? 4 : 3 },
      });
    }
    expect((await ask('GET', '/v1/audiences/pro/versions')).body).toMatchObject({
      data: [{ version: 1, reason: 'from the repository', author: { id: 'operator' } }],
    });
    expect((await ask('GET', '/v1/audit?kind=audience&limit=1')).body).toMatchObject({
      data: [{ action: 'created', subject: 'pro', reason: 'from the repository' }],
    });
    await empty();
  });

  it('show what was and what will be, and are removed only where that is asked for', async () => {
    await put({ audiences: { a: PRO, b: PRO } });
    const body = { audiences: { a: { ...PRO, name: 'Better' } } };
    expect(await planOf(body)).toMatchObject({
      summary: { changed: 1, leftAlone: 1, removed: 0 },
      changes: [
        {
          action: 'change',
          version: expect.any(Number) as unknown,
          before: PRO,
          after: { ...PRO, name: 'Better' },
        },
      ],
    });
    await put({ sources: { kept: { name: 'Kept' } } });
    expect(await planOf(body, '&prune=true')).toMatchObject({
      summary: { changed: 1, removed: 1 },
      changes: [{ id: 'b', action: 'remove', before: PRO, after: null }, { id: 'a' }],
    });
    await put(body, '?prune=true');
    expect(await exported()).toMatchObject({ sources: { kept: {} }, audiences: { a: { name: 'Better' } } });
    expect((await ask('GET', '/v1/audiences/b')).status).toBe(404);
    await empty();
  });

  it('are all refused where one is wrong, with every fault at its place', async () => {
    const answer = await put({
      sources: {
        'No Id': { name: 'A' },
        web: { name: '', rate: 1 },
        hook: {
          name: 'Hook',
          webhook: {
            type: 'track',
            event: "'Paid'",
            userId: 'customer',
            signature: { scheme: 'stripe', secret: '***' },
          },
        },
      },
      audiences: { good: PRO, bad: { name: 'Bad', query: "event('A').cuont() >= 1" }, none: 'x' },
      rules: { namespaces: {} },
      splits: [{ a: 'a:1', b: 'a:1' }, { a: 'a:1', b: 'b:1' }, { a: 'b:1', b: 'a:1' }, { a: 'x' }],
      audience: {},
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    expect(placesOf(answer.body)).toEqual([
      'audience',
      'rules.namespaces',
      'sources.No Id',
      'sources.web.name',
      'sources.web.rate',
      'sources.hook.webhook.signature',
      'audiences.none',
      'audiences.bad.query',
      'splits[0].b',
      'splits[2]',
      'splits[3].b',
    ]);
    expect((await ask('GET', '/v1/audiences/good')).status).toBe(404);
  });

  it('are refused where something has changed since the plan', async () => {
    const { digest } = await planOf({ audiences: { late: PRO } });
    const ifMatch = { 'if-match': `"${digest}"` };
    await ask('PUT', '/v1/audiences/late', { ...PRO, name: 'Quicker' });
    expect(await put({ audiences: { late: PRO } }, '', ifMatch)).toMatchObject({
      status: 412,
      body: { error: { code: 'precondition_failed' } },
    });
    await ask('PUT', '/v1/audiences/late', PRO);
    expect(await put({ audiences: { late: PRO } }, '', ifMatch)).toMatchObject({
      status: 200,
      body: { changes: [] },
    });
    await empty();
  });

  it('have write keys where they are sent, and one key goes from one source to another', async () => {
    const [one, two] = [{ key: 'wk_one_one' }, { key: 'wk_two_two' }];
    await put({ sources: { a: { name: 'A', writeKeys: [one] }, b: { name: 'B', writeKeys: [two] } } });
    await put({ sources: { a: { name: 'A2' } } });
    expect((await exported()).sources).toEqual({
      a: { name: 'A2', enabled: true },
      b: { name: 'B', enabled: true },
    });
    const swapped = { a: { name: 'A2', writeKeys: [two] }, b: { name: 'B', writeKeys: [one] } };
    expect((await put({ sources: swapped })).status).toBe(200);
    expect((await exported('?writeKeys=true')).sources).toMatchObject(swapped);
    const taken = await put({
      sources: {
        c: { name: 'C', writeKeys: [one, { key: 'wk_free_free' }, { key: 'dev-write-key' }] },
        d: { name: 'D', writeKeys: [{ key: 'wk_free_free' }] },
      },
    });
    expect(placesOf(taken.body)).toEqual([
      'sources.c.writeKeys[0].key',
      'sources.c.writeKeys[2].key',
      'sources.d.writeKeys[0].key',
    ]);
    await empty();
  });

  it('keep the secrets that they do not show', async () => {
    const signature = { scheme: 'stripe', secret: 's'.repeat(32) };
    const hook = {
      name: 'Hook',
      webhook: { type: 'track', event: "'Paid'", userId: 'customer', signature },
    };
    await put({ sources: { hook } });
    const file = await exported();
    expect(file.sources.hook).toMatchObject({ webhook: { signature: { scheme: 'stripe', secret: '***' } } });
    expect((await put(file)).body).toMatchObject({ changes: [] });
    const other = {
      ...hook,
      webhook: { ...hook.webhook, signature: { ...signature, secret: 't'.repeat(32) } },
    };
    const plan = await planOf({ sources: { hook: other } });
    expect(plan.changes).toMatchObject([{ after: { webhook: { signature: { secret: '*** (another)' } } } }]);
    expect(JSON.stringify(plan)).not.toMatch(/ttt|sss/);
    await empty();
  });

  it('are planned by whoever may read, and applied by whoever may write what is changed', async () => {
    const made = await ask('POST', '/v1/tokens', { name: 'ci', scopes: ['read'] });
    const { token } = made.body as { readonly token: string };
    const as = { authorization: `Bearer ${token}` };
    const body = { audiences: { guarded: PRO } };
    expect((await put(body, '?dryRun=true', as)).status).toBe(200);
    expect(await put(body, '', as)).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
    expect((await put({ audiences: {} }, '', as)).status).toBe(200);
  });

  it('are bounded in bytes and number, and take more than other bodies', async () => {
    const splits = Array.from({ length: 5_001 }, (_, i) => ({ a: `a:${i}`, b: `b:${i}` }));
    expect((await put({ splits })).body).toMatchObject({ error: { details: [{ field: 'definitions' }] } });
    const large = { name: 'A', query: PRO.query, description: 'x'.repeat(2 ** 20) };
    expect(placesOf((await put({ audiences: { large } })).body)).toEqual(['audiences.large']);
    expect((await put({ audiences: { large: 'x'.repeat(9 * 2 ** 20) } })).status).toBe(413);
  });

  it('change together with single writes, and none of both is lost', async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`many-${i}`, PRO]));
    const answers = await Promise.all([
      put({ audiences: many }),
      ...Array.from({ length: 20 }, (_, i) => ask('PUT', `/v1/audiences/single-${i}`, PRO)),
      ...Array.from({ length: 20 }, (_, i) =>
        ask('PUT', `/v1/audiences/many-${i}`, { ...PRO, name: 'Other' }),
      ),
      put({ audiences: many }),
    ]);
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
    expect(Object.keys((await exported()).audiences)).toHaveLength(40);
    await empty();
  });
});

describe('audiences of a file that name one another', () => {
  const audience = (query: string) => ({ name: 'x', query });
  const both = { outer: audience("NOT (audience('inner'))"), inner: audience("trait('spent') > 5") };
  const traits = { spent: audience("event('Order Completed').sum(property('revenue'))") };

  it('come and go together, and not without one another', async () => {
    expect(await put({ audiences: both, traits })).toMatchObject({ status: 200 });
    const { inner: _inner, ...outer } = both;
    expect(await put({ audiences: outer }, '?prune=true')).toMatchObject({
      status: 400,
      body: {
        error: {
          details: [
            {
              field: 'audiences.outer.query',
              message: 'line 1, column 6: there is no audience "inner"; create it first',
            },
          ],
        },
      },
    });
    expect(await put({ audiences: {}, traits: {} }, '?prune=true')).toMatchObject({ status: 200 });
  });

  it('are refused where one is made of itself', async () => {
    const circle = { a: audience("audience('b')"), b: audience("audience('a')") };
    expect(await put({ audiences: circle })).toMatchObject({ status: 400 });
  });
});

function placesOf(body: unknown): readonly string[] {
  const { error } = body as { readonly error: { readonly details: readonly { readonly field: string }[] } };
  return error.details.map(({ field }) => field);
}
