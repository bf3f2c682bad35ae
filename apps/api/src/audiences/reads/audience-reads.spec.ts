import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profileIdOf } from '@tributary/kernel';
import { RunningApi } from '../../../test/running-api.fixture.js';

const api = new RunningApi();
const ask = api.ask.bind(api);
const MINUTE = 60_000;
const NOW = Date.now();
const ago = (ms: number) => new Date(NOW - ms).toISOString();

const [ann, bob, eve] = ['ann', 'bob', 'eve'].map((name) =>
  profileIdOf(api.workspace, `user_id:${name}`),
) as [string, string, string];
const ORDERS = "event('Ordered').where(property('total') >= 100).within(1 day).count() >= 2";
/** By id, as lists have them. */
const inOrder = (...ids: readonly string[]) => [...ids].sort();

const event = (name: string, messageId: string, msAgo: number, more: object = {}) => ({
  ...{ identifier: `user_id:${name}`, message_id: messageId, type: 'track', event: 'Ordered' },
  ...{ timestamp: ago(msAgo), received_at: ago(msAgo), sequence: 0, properties: '{"total":150}' },
  ...{ traits: '{}', context: '{}', ...more },
});
const identify = (name: string, messageId: string, msAgo: number, traits: object) =>
  event(name, messageId, msAgo, {
    type: 'identify',
    event: '',
    properties: '{}',
    traits: JSON.stringify(traits),
  });

const profile = (name: string, profile_id: string, traits: object) => ({
  ...{ profile_id, merged_into: '', is_empty: false },
  profile: JSON.stringify({
    profileId: profile_id,
    traits,
    identifiers: [{ namespace: 'user_id', value: name }],
  }),
});

const change = (profile_id: string, is: string, at: string, kafka_offset: number) => ({
  ...{ audience_key: 'buyers', profile_id, change: is, at, kafka_offset },
});

beforeAll(async () => {
  await api.start({ API_PREVIEW_MEMORY_MB: '512' });
  const ids = { ann, bob, eve };
  for (const [name, profile_id] of Object.entries(ids))
    await api.insert('identity_assignments', [
      { identifier: `user_id:${name}`, profile_id, version: 1, reason: 'linked', at: ago(0) },
    ]);
  await api.insert('events_log', [
    event('ann', 'a1', 3 * MINUTE),
    event('ann', 'a2', 2 * MINUTE),
    event('ann', 'a3', MINUTE, { properties: '{"total":5}' }),
    identify('ann', 'a4', 10 * MINUTE, { plan: 'free' }),
    identify('ann', 'a5', 4 * MINUTE, { plan: 'pro', address: { city: 'Rome' } }),
    event('bob', 'b1', 3 * MINUTE),
    identify('eve', 'e1', 5 * MINUTE, { plan: 'pro' }),
  ]);
  await api.insert('latest_profiles', [
    profile('ann', ann, { plan: 'pro', 'it’s "x"': [1], name: 'Ann' }),
    profile('bob', bob, {}),
    { ...profile('old', profileIdOf(api.workspace, 'user_id:old'), {}), merged_into: ann },
  ]);
  await api.insert('current_memberships', [
    {
      audience_key: 'buyers',
      profile_id: ann,
      since: '2026-01-02T03:04:05.678Z',
      identifiers: ['user_id:ann'],
    },
    {
      audience_key: 'buyers',
      profile_id: bob,
      since: '2026-01-02T03:04:05.000Z',
      identifiers: ['user_id:bob'],
    },
    { audience_key: 'others', profile_id: eve, since: '2026-01-02T03:04:05.678Z', identifiers: [] },
  ]);
  await api.insert('audience_changes', [
    change(ann, 'entered', '2026-01-02T00:00:00.000Z', 1),
    change(bob, 'entered', '2026-01-02T00:30:00.000Z', 2),
    change(ann, 'exited', '2026-01-02T01:00:00.000Z', 3),
    change(ann, 'entered', '2026-01-02T01:00:00.000Z', 4),
    change(bob, 'exited', '2026-01-02T01:00:00.001Z', 5),
    // The entry was erased.
    change(eve, 'exited', '2026-01-02T01:30:00.000Z', 6),
  ]);
  await ask('PUT', '/v1/audiences/buyers', { name: 'Buyers', query: ORDERS });
});

afterAll(() => api.stop());

describe('a preview', () => {
  const preview = (body: object) => ask('POST', '/v1/audiences/preview', body);

  it('counts who would be a member now, and names some with their identifiers', async () => {
    const { status, body } = await preview({ query: ORDERS });
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ size: 1, sample: [{ profileId: ann, identifiers: ['user_id:ann'] }] },
      asOf: expect.stringMatching(/Z$/) as unknown,
      elapsedMs: expect.any(Number) as unknown,
    });
  });

  it('counts people without a matching event, where the definition asks for them', async () => {
    const { body } = await preview({ query: "event('Ordered').count() = 0" });
    expect(body).toMatchObject({ size: 1, sample: [{ profileId: eve, identifiers: [] }] });
  });

  it('is as of an instant: neither events nor traits of later count', async () => {
    const at = (ms: number) => ({ at: ago(ms) });
    const sizes = async (query: string, ...times: readonly number[]) =>
      Promise.all(
        times.map(async (ms) => ((await preview({ query, ...at(ms) })).body as { size: number }).size),
      );
    expect(await sizes(ORDERS, 2 * MINUTE, 2 * MINUTE + 1)).toEqual([1, 0]);
    expect(await sizes("trait('plan') = 'pro'", 4 * MINUTE, 4 * MINUTE + 1, 5 * MINUTE + 1)).toEqual([
      2, 1, 0,
    ]);
    expect(await sizes("trait('address.city') = 'Rome'", 4 * MINUTE)).toEqual([1]);
  });

  it('counts by values, ages and chance, and by what other audiences and computed traits mean now', async () => {
    await ask('PUT', '/v1/traits/spent', { name: 'Spent', query: "event('Ordered').sum(property('total'))" });
    const found: unknown[] = [];
    for (const query of [
      "event('Ordered').sum(property('total')) > 300",
      "event('Ordered').sum(property('total')) < 200",
      "event('Ordered').last_at().within_last(90 seconds)",
      'random(100%)',
      "audience('buyers') AND trait('spent') = 305",
      "NOT (audience('buyers'))",
    ])
      found.push((await preview({ query })).body);
    expect(found).toMatchObject([1, 2, 1, 3, 1, 2].map((size) => ({ size })));
    expect(await preview({ query: "trait('plan') = 'pro' AND audience('buyer')" })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_query', message: expect.stringContaining('did you mean "buyers"?') } },
    });
    await ask('DELETE', '/v1/traits/spent');
  });

  it('merges traits by the rules in force', async () => {
    const query = "trait('plan') = 'free'";
    expect((await preview({ query })).body).toMatchObject({ size: 0 });
    await ask('PUT', '/v1/trait-rules/plan', { merge: 'earliest' });
    expect((await preview({ query })).body).toMatchObject({ size: 1 });
    await ask('DELETE', '/v1/trait-rules/plan');
  });

  it('takes a tree, and text that would end a text of SQL for what it is', async () => {
    const value = "x') OR 1 = 1 --\\";
    const definition = { kind: 'trait', name: "pl'an", comparison: { op: '=', value } };
    expect((await preview({ definition })).body).toMatchObject({ size: 0 });
  });

  it.each([
    [{}, 'invalid_request', 'send either query'],
    [{ query: ORDERS, definition: {} }, 'invalid_request', 'Send either query or definition.'],
    [{ query: "event('A').cuont() >= 1" }, 'invalid_query', 'did you mean "count"?'],
    [{ definition: { kind: 'xor' } }, 'invalid_query', 'definition.kind'],
    [{ query: ORDERS, at: 'yesterday' }, 'invalid_request', 'at'],
  ])('refuses %j as %s', async (body, code, message) => {
    expect(await preview(body)).toMatchObject({
      status: 400,
      body: { error: { code, message: expect.stringContaining(message) as unknown } },
    });
  });
});

describe('an explanation', () => {
  const explain = (profileId: string, key = 'buyers') =>
    ask('GET', `/v1/audiences/${key}/explain/${profileId}`);

  it('shows a member what counts, and when time takes it away', async () => {
    const { body } = await explain(ann);
    const leaves = new Date(NOW - 3 * MINUTE + 86_400_000).toISOString();
    expect(body).toMatchObject({
      ...{
        key: 'buyers',
        name: 'Buyers',
        profileId: ann,
        holds: true,
        since: ago(2 * MINUTE),
        changesAt: leaves,
      },
      says: `is in it; leaves at ${leaves} unless a call comes before`,
      tree: {
        ...{ kind: 'event', condition: ORDERS, holds: true, value: 2 },
        events: [
          { time: ago(2 * MINUTE), messageId: 'a2' },
          { time: ago(3 * MINUTE), messageId: 'a1' },
        ],
      },
    });
  });

  it('shows whoever is no member what is missing', async () => {
    const { body } = await explain(bob);
    expect(body).toMatchObject({
      ...{ holds: false, changesAt: null, says: 'is not in it; time alone does not change that' },
      tree: { holds: false, value: 1, events: [{ messageId: 'b1' }] },
    });
  });

  it('shows what a value comes to, and the conditions of an audience that is named', async () => {
    const query = "event('Ordered').sum(property('total')) > 500 OR audience('buyers') OR random(100%)";
    await ask('PUT', '/v1/audiences/named', { name: 'Named', query });
    expect((await explain(ann, 'named')).body).toMatchObject({
      holds: true,
      tree: {
        kind: 'or',
        operands: [
          {
            ...{ kind: 'value', holds: false, value: 305 },
            condition: "event('Ordered').sum(property('total')) > 500",
          },
          { kind: 'event', holds: true, condition: ORDERS, value: 2 },
          { kind: 'random', holds: true, condition: 'random(100%)' },
        ],
      },
    });
    await ask('DELETE', '/v1/audiences/named');
  });

  it('goes into every node', async () => {
    const query =
      "trait('plan') = 'pro' AND NOT (event('Ordered').count() >= 1 OR trait('address.city').exists())";
    await ask('PUT', '/v1/audiences/nodes', { name: 'Nodes', query });
    expect((await explain(ann, 'nodes')).body).toMatchObject({
      holds: false,
      tree: {
        kind: 'and',
        operands: [
          { kind: 'trait', holds: true, value: 'pro', at: ago(4 * MINUTE) },
          { kind: 'not', holds: false, operand: { kind: 'or', operands: [{ value: 3 }, { value: 'Rome' }] } },
        ],
      },
    });
    expect((await explain(eve, 'nodes')).body).toMatchObject({ holds: true });
  });

  it('is not given of nobody, and says where a person is now', async () => {
    expect(await explain(profileIdOf(api.workspace, 'user_id:nobody'))).toMatchObject({
      ...{ status: 404, body: { error: { code: 'profile_not_found' } } },
    });
    expect((await explain(profileIdOf(api.workspace, 'user_id:old'))).body).toMatchObject({
      error: { message: expect.stringContaining(ann) as unknown },
    });
    expect(await explain(ann, 'none')).toMatchObject({ body: { error: { code: 'audience_not_found' } } });
  });
});

describe('sizes', () => {
  const sizes = (query: string) => ask('GET', `/v1/audiences/buyers/sizes?${query}`);

  it('are those at each step, and how many came and went since the one before', async () => {
    const { body } = await sizes('from=2026-01-01T23:10:00Z&to=2026-01-02T02:59:00Z&step=hour');
    const at = (hour: string) => `2026-01-0${hour}:00:00.000Z`;
    expect((body as { readonly data: unknown }).data).toEqual([
      { at: at('1T23'), size: 0, entered: 0, exited: 0 },
      { at: at('2T00'), size: 1, entered: 1, exited: 0 },
      { at: at('2T01'), size: 2, entered: 2, exited: 1 },
      { at: at('2T02'), size: 1, entered: 0, exited: 1 },
    ]);
    const later = await sizes('from=2026-01-03T00:00:00Z&to=2026-01-03T00:00:00Z&step=day');
    expect(later.body).toMatchObject({ name: 'Buyers', data: [{ size: 1, entered: 0, exited: 0 }] });
  });

  it.each([
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from must not be after to'],
    ['from=2026-01-01T00:00:00Z&to=2026-01-02T00:01:00Z&step=minute', 'step must be longer'],
    ['step=week', 'step must be one of minute, hour, day'],
  ])('are refused of %s', async (query, message) => {
    expect(await sizes(query)).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining(message) as unknown } },
    });
  });
});

describe('members with traits', () => {
  const named = encodeURIComponent('plan,it’s "x",absent');
  const ofAnn = { plan: 'pro', 'it’s "x"': [1] };

  it('have those that were asked for, as they are now', async () => {
    const { body } = await ask('GET', `/v1/audiences/buyers/members?traits=${named}`);
    const { data } = body as {
      readonly data: readonly { readonly profileId: string; readonly traits: object }[];
    };
    expect(data.map(({ profileId }) => profileId)).toEqual(inOrder(ann, bob));
    expect(new Map(data.map(({ profileId, traits }) => [profileId, traits]))).toEqual(
      new Map<string, object>([
        [ann, ofAnn],
        [bob, {}],
      ]),
    );
    const plain = await ask('GET', '/v1/audiences/buyers/members');
    expect(JSON.stringify(plain.body)).not.toContain('traits');
  });

  it('are a file, too', async () => {
    const lines = (await ask('GET', `/v1/exports/audiences/buyers?traits=${named}`)).body as string;
    expect(
      lines
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { profileId: string }),
    ).toEqual(
      inOrder(ann, bob).map((profileId) => ({
        profileId,
        since: profileId === ann ? '2026-01-02T03:04:05.678Z' : '2026-01-02T03:04:05.000Z',
        identifiers: [profileId === ann ? 'user_id:ann' : 'user_id:bob'],
        traits: profileId === ann ? ofAnn : {},
      })),
    );
    const csv = await ask('GET', '/v1/exports/audiences/buyers?format=csv');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="buyers.csv"');
    expect((csv.body as string).split('\n')[0]).toBe('"profile_id","since","identifiers","traits"');
    expect((csv.body as string).trimEnd().split('\n')).toHaveLength(3);
    expect((await ask('GET', '/v1/exports/audiences/none')).status).toBe(404);
  });
});
