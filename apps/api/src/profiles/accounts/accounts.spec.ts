import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi } from '../../../test/running-api.fixture.js';

/** No processor runs here: the tables answer. */
const api = new RunningApi();
const AT = '2026-01-02T03:04:05.678Z';
const idOf = (n: number) => `0b9fa1b1-4bb5-5e36-9df8-1ba8b4a0d1a${n}`;
const segment = (path: string) =>
  api.ask('GET', `/v1/spaces/${api.workspace}/collections/accounts/profiles/${path}`, undefined, {
    authorization: `Basic ${btoa('dev-api-token:')}`,
  });

beforeAll(async () => {
  await api.start();
  const source = { at: AT, sourceId: 'web', messageId: 'm1' };
  const account = {
    ...{ workspaceId: api.workspace, groupId: 'acme', version: 7, at: AT },
    traits: { plan: 'pro', name: 'Acme' },
    traitSources: { plan: source, name: source },
    ...{ computed: { revenue: 12.5 }, peopleCount: 3, firstSeenAt: AT, lastSeenAt: AT },
  };
  await api.insert('latest_accounts', [{ group_id: 'acme', account: JSON.stringify(account) }]);
  const profile = (n: number, groups: readonly string[]) => ({
    profile_id: idOf(n),
    profile: JSON.stringify({
      ...{ workspaceId: api.workspace, profileId: idOf(n), version: 1, at: AT, traits: {}, traitSources: {} },
      identifiers: [{ namespace: 'user_id', value: `u${n}`, firstSeenAt: AT, lastSeenAt: AT }],
      ...{ computed: {}, firstSeenAt: AT, lastSeenAt: AT, eventCount: 1 },
      groups: groups.map((groupId) => ({ groupId, since: AT })),
    }),
  });
  await api.insert('latest_profiles', [
    profile(1, ['acme']),
    profile(2, ['other']),
    profile(3, ['other', 'acme']),
    profile(4, ['acme']),
  ]);
  await api.insert('events_log', [
    {
      ...{ identifier: 'user_id:u1', message_id: 'm1', timestamp: AT, received_at: AT, type: 'group' },
      ...{ source_id: 'web', identifiers: ['user_id:u1'], group_id: 'acme' },
      ...{ properties: '{}', traits: '{"plan":"pro"}', context: '{}' },
    },
  ]);
}, 60_000);
afterAll(() => api.stop());

describe('an account', () => {
  it('is answered by its group id', async () => {
    const { status, body, headers } = await api.ask('GET', '/v1/accounts/acme');
    expect([status, headers.get('x-data-source')]).toEqual([200, 'tables']);
    expect(body).toMatchObject({ groupId: 'acme', traits: { plan: 'pro' }, peopleCount: 3, asOf: AT });
  });

  it('is a 404 where no group call named it', async () => {
    const { status, body } = await api.ask('GET', '/v1/accounts/nobody');
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code: 'account_not_found' } });
  });

  it('lists its people page by page', async () => {
    const first = await api.ask('GET', '/v1/accounts/acme/people?limit=2');
    expect(first.body).toMatchObject({
      data: [
        { profileId: idOf(1), since: AT },
        { profileId: idOf(3), since: AT },
      ],
      cursor: { hasMore: true },
    });
    const { cursor } = first.body as { readonly cursor: { readonly next: string } };
    const rest = await api.ask('GET', `/v1/accounts/acme/people?limit=2&cursor=${cursor.next}`);
    expect(rest.body).toMatchObject({ data: [{ profileId: idOf(4) }], cursor: { next: null } });
  });

  it('refuses a cursor of another account', async () => {
    const first = await api.ask('GET', '/v1/accounts/acme/people?limit=2');
    const { cursor } = first.body as { readonly cursor: { readonly next: string } };
    const { status } = await api.ask('GET', `/v1/accounts/other/people?cursor=${cursor.next}`);
    expect(status).toBe(400);
  });
});

describe('an account in the shapes of Segment', () => {
  it('has its traits, sent and computed', async () => {
    const { body } = await segment('group_id:acme/traits?limit=100');
    expect(body).toMatchObject({ traits: { name: 'Acme', plan: 'pro', revenue: 12.5 } });
    const { body: computed } = await segment('group_id:acme/traits?class=computed_trait');
    expect((computed as { readonly traits: object }).traits).toEqual({ revenue: 12.5 });
  });

  it('has its id, its calls and when it was seen', async () => {
    expect((await segment('group_id:acme/external_ids')).body).toMatchObject({
      data: [{ id: 'acme', type: 'group_id', collection: 'accounts', created_at: AT }],
    });
    expect((await segment('group_id:acme/events')).body).toMatchObject({
      data: [{ type: 'group', message_id: 'm1', traits: { plan: 'pro' } }],
    });
    expect((await segment('group_id:acme/metadata')).body).toMatchObject({
      metadata: { created_at: AT, first_message_id: 'm1', last_source_id: 'web' },
    });
  });

  it('has links to its people', async () => {
    const { body } = await segment('group_id:acme/links?limit=2');
    expect(body).toMatchObject({
      data: [
        { to_collection: 'users', external_ids: [{ type: 'user_id', id: 'u1', collection: 'users' }] },
        { to_collection: 'users', external_ids: [{ type: 'user_id', id: 'u3' }] },
      ],
      cursor: { has_more: true },
    });
  });

  it('is named by group_id', async () => {
    const { status, body } = await segment('user_id:acme/traits');
    expect([status, body]).toEqual([
      404,
      { error: { code: 'profile_not_found', message: expect.stringContaining('group_id:acme') as unknown } },
    ]);
    expect((await segment('group_id:nobody/traits')).status).toBe(404);
  });
});
