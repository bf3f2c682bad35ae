import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { RunningApi } from '../../test/running-api.fixture.js';
import { DEFAULT_TRAITS } from './default-traits.js';

const api = new RunningApi();
const ask = api.ask.bind(api);
const REVENUE = { name: 'Revenue', query: "event('Order Completed').sum(property('revenue'))" };
const SCORE = { name: 'Monetary score', query: "trait('revenue').score(3)" };

beforeAll(() => api.start());
afterAll(() => api.stop());

interface Shown {
  readonly ranking: {
    readonly borders: unknown;
    readonly people: number;
    readonly computedAt: string;
  } | null;
  readonly state: string;
}

const rankingOf = async (key: string) => ((await ask('GET', `/v1/traits/${key}`)).body as Shown).ranking;

/** One order for each person. */
async function ordered(revenues: Readonly<Record<string, unknown>>): Promise<void> {
  const rows = Object.entries(revenues).map(([person, revenue]) => ({
    ...{ identifier: `user_id:${person}`, message_id: person, type: 'track', event: 'Order Completed' },
    ...{ timestamp: '2026-01-01 00:00:00.000', received_at: '2026-01-01 00:00:00.000' },
    properties: JSON.stringify({ revenue }),
  }));
  await api.insert('events_log', rows);
}

async function refusal(key: string, query: string): Promise<string> {
  const { status, body } = await ask('PUT', `/v1/traits/${key}`, { name: 'x', query });
  const { error } = body as { readonly error: { readonly code: string; readonly message: string } };
  return `${status} ${error.code} ${error.message}`;
}

describe('scores', () => {
  it('have borders soon after they are defined, and others when more people are in the tables', async () => {
    await ordered({ a: 1, b: 2.5, c: '12345678901234567890.5' });
    await ask('PUT', '/v1/traits/revenue', REVENUE);
    const created = await ask('PUT', '/v1/traits/money', SCORE);
    expect(created).toMatchObject({ status: 201, body: { ...SCORE, state: 'building', grainMs: null } });
    await eventually(() => rankingOf('money'), { until: (ranking) => ranking !== null });
    expect(await rankingOf('money')).toMatchObject({ borders: [2.5, '12345678901234567890.5'], people: 3 });
    await ordered({ d: 0, e: 0, f: 0 });
    await eventually(() => rankingOf('money'), { until: (ranking) => ranking?.people === 6 });
    expect(await rankingOf('money')).toMatchObject({ borders: [1, 2.5] });
  });

  it('have others for another definition, of theirs or of what they rank', async () => {
    await ask('PUT', '/v1/traits/money', { ...SCORE, query: "trait('revenue').score(2, best: 'lowest')" });
    await eventually(() => rankingOf('money'), { until: (ranking) => ranking !== null });
    expect(await rankingOf('money')).toMatchObject({ borders: [0] });
    await ask('PUT', '/v1/traits/revenue', { ...REVENUE, query: "event('Order Completed').last_at()" });
    await eventually(() => rankingOf('money'), { until: (ranking) => ranking !== null });
    expect(await rankingOf('money')).toMatchObject({ borders: [null], people: 6 });
    await ask('PUT', '/v1/traits/revenue', REVENUE);
  });

  it.each([
    [
      "trait('missing').score(5)",
      '400 invalid_query line 1, column 1: there is no computed trait "missing" to rank',
    ],
    ["trait('reveneu').score(5)", 'did you mean revenue?'],
    ["trait('money').score(5)", '"money" is a score, too: rank "revenue"'],
    ["trait('again').score(5)", 'a score cannot rank itself'],
    ["trait('favourite').score(5)", '"favourite" cannot be ranked: mode(…) has no order'],
    ["trait('revenue').score(1)", 'line 1, column 24: score(…) takes a whole number of groups from 2 to 100'],
  ])('are refused with the place and a reason: %s', async (query, reason) => {
    await ask('PUT', '/v1/traits/favourite', { name: 'x', query: "event('A').mode(property('x'))" });
    expect(await refusal('again', query)).toContain(reason);
  });

  it('keep what they rank from being removed, or from becoming what has no order', async () => {
    expect(await ask('DELETE', '/v1/traits/revenue')).toMatchObject({
      status: 409,
      body: { error: { code: 'trait_in_use', details: { scores: ['money'] } } },
    });
    expect(await refusal('revenue', "event('A').mode(property('x'))")).toContain(
      'the score "money" ranks this trait: "revenue" cannot be ranked: mode(…) has no order',
    );
    expect(await refusal('revenue', "trait('favourite').score(5)")).toContain('cannot be ranked');
    const version = 1;
    await ask('DELETE', '/v1/traits/money');
    expect((await ask('DELETE', '/v1/traits/revenue')).status).toBe(204);
    const restored = await ask('POST', `/v1/traits/money/versions/${version}/restore`);
    expect(restored).toMatchObject({ status: 400, body: { error: { code: 'invalid_query' } } });
  });

  it('lose their borders with their definition', async () => {
    await ask('PUT', '/v1/traits/revenue', REVENUE);
    await ask('PUT', '/v1/traits/money', SCORE);
    await eventually(() => rankingOf('money'), { until: (ranking) => ranking !== null });
    await ask('DELETE', '/v1/traits/money');
    await eventually(
      async () => {
        await ask('PUT', '/v1/traits/money', SCORE);
        const ranking = await rankingOf('money');
        if (ranking !== null) await ask('DELETE', '/v1/traits/money');
        return ranking;
      },
      { until: (ranking) => ranking === null },
    );
  });

  it('come in files with what they rank, in any order, and not without', async () => {
    const traits = { a_score: { name: 'Score', query: "trait('spent').score(5)" }, spent: REVENUE };
    const applied = await ask('PUT', '/v1/definitions?prune=true', { traits });
    expect(applied).toMatchObject({ status: 200 });
    expect((await ask('GET', '/v1/definitions')).body).toMatchObject({ traits });
    const refused = await ask('PUT', '/v1/definitions?prune=true', { traits: { a_score: traits.a_score } });
    expect(refused).toMatchObject({ status: 400 });
    expect(JSON.stringify(refused.body)).toContain('traits.a_score.query');
  });

  it('are no entries of the audit log, for nobody made them', async () => {
    await eventually(() => rankingOf('a_score'), { until: (ranking) => ranking !== null });
    const { body } = await ask('GET', '/v1/audit?limit=100');
    expect(JSON.stringify(body)).toContain('a_score');
    expect(JSON.stringify(body)).not.toContain('score-borders');
  });
});

describe('the traits of customers', () => {
  const keysIn = async (workspace: string) => {
    const { body } = await ask('GET', '/v1/traits?limit=100', undefined, { 'x-workspace': workspace });
    return (body as { readonly data: readonly { readonly key: string }[] }).data.map(({ key }) => key);
  };

  it('are given once to a workspace that receives orders, beside what is there', async () => {
    const to = { 'x-workspace': 'shop' };
    await ask('PUT', '/v1/workspaces/shop', { name: 'Shop' });
    const own = { name: 'Ours', query: "event('Order Completed').mode(property('currency'), 2)" };
    await ask('PUT', '/v1/traits/revenue', own, to);
    await api.tables.insert({
      table: 'workspaces_with_orders',
      values: [{ workspace_id: 'shop' }, { workspace_id: 'unknown' }],
      format: 'JSONEachRow',
    });
    // What their revenue is cannot be ranked.
    const expected = DEFAULT_TRAITS.map(({ key }) => key)
      .filter((key) => key !== 'monetary_score')
      .sort();
    await eventually(() => keysIn('shop'), { until: (keys) => keys.length === expected.length });
    expect(await keysIn('shop')).toEqual(expected);
    expect((await ask('GET', '/v1/traits/revenue', undefined, to)).body).toMatchObject(own);
    expect((await ask('GET', '/v1/traits/orders/versions', undefined, to)).body).toMatchObject({
      data: [{ author: { kind: 'system', name: 'Tributary' } }],
    });
  });

  it('stay removed, and edited', async () => {
    const to = { 'x-workspace': 'shop' };
    for (const key of ['stage', 'frequency_score', 'orders'])
      expect((await ask('DELETE', `/v1/traits/${key}`, undefined, to)).status).toBe(204);
    const left = await keysIn('shop');
    // Another workspace that comes later has been looked at since.
    await ask('PUT', '/v1/workspaces/later', { name: 'Later' });
    await api.tables.insert({
      table: 'workspaces_with_orders',
      values: [{ workspace_id: 'later' }],
      format: 'JSONEachRow',
    });
    await eventually(() => keysIn('later'), { until: (keys) => keys.length === DEFAULT_TRAITS.length });
    expect(await keysIn('shop')).toEqual(left);
  });

  it('are as many as the quota of the workspace has room for', async () => {
    await ask('PUT', '/v1/workspaces/small', { name: 'Small', quotas: { traits: 2 } });
    await api.tables.insert({
      table: 'workspaces_with_orders',
      values: [{ workspace_id: 'small' }],
      format: 'JSONEachRow',
    });
    await eventually(() => keysIn('small'), { until: (keys) => keys.length > 0 });
    expect(await keysIn('small')).toEqual(['orders', 'revenue']);
  });
});
