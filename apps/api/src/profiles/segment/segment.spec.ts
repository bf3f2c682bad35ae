import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi } from '../../../test/running-api.fixture.js';

/** The shapes and parameters of Segment's public reference of its Profile API. */
const api = new RunningApi();
const PROFILE = '0b9fa1b1-4bb5-5e36-9df8-1ba8b4a0d1a1';
const AT = '2026-01-02T03:04:05.678Z';
const at = (hour: number) => `2026-01-02T0${hour}:00:00.000Z`;
const BASIC = { authorization: `Basic ${btoa('dev-api-token:')}` };

interface Cursor {
  readonly url: string;
  readonly has_more: boolean;
  readonly next: string;
  readonly limit: number;
}

const baseOf = (workspace: string, id: string) =>
  `/v1/spaces/${workspace}/collections/users/profiles/${encodeURIComponent(id)}`;
const get = async (path: string, id = 'user_id:ann') =>
  api.ask('GET', `${baseOf(api.workspace, id)}/${path}`, undefined, BASIC);
const bodyOf = async <T>(path: string) => {
  const { status, body } = await get(path);
  expect([path, status]).toEqual([path, 200]);
  return body as T & { readonly cursor: Cursor };
};

beforeAll(async () => {
  await api.start();
  const source = (hour: number) => ({ at: at(hour), sourceId: 'web', messageId: `m${hour}` });
  const profile = {
    ...{ workspaceId: api.workspace, profileId: PROFILE, version: 7, at: AT },
    traits: { first_name: 'Ann', plan: 'pro', 'a b': [1, { c: null }] },
    traitSources: { first_name: source(1), plan: source(2), 'a b': source(3) },
    identifiers: [
      { namespace: 'user_id', value: 'ann', firstSeenAt: at(1), lastSeenAt: at(3) },
      { namespace: 'email', value: 'ann+1@example.com', firstSeenAt: at(2), lastSeenAt: at(2) },
    ],
    computed: { orders: 3 },
    ...{ firstSeenAt: at(1), lastSeenAt: at(3), eventCount: 3 },
  };
  await api.insert('latest_profiles', [{ profile_id: PROFILE, profile: JSON.stringify(profile) }]);
  await api.insert(
    'identity_assignments',
    ['user_id:ann', 'email:ann+1@example.com'].map((identifier) => ({
      ...{ identifier, profile_id: PROFILE, version: 1, reason: 'linked', at: AT },
    })),
  );
  const event = (hour: number, more: object) => ({
    ...{ identifier: 'user_id:ann', message_id: `m${hour}`, timestamp: at(hour), received_at: at(hour) },
    ...{ type: 'track', source_id: 'web', identifiers: ['user_id:ann'], context: '{"ip":"10.0.0.1"}' },
    ...{ properties: '{}', traits: '{}', ...more },
  });
  await api.insert('events_log', [
    event(1, { event: 'Signed Up' }),
    event(2, { type: 'group', group_id: 'acme', traits: '{"name":"Acme"}' }),
    event(3, { event: 'Order Completed', properties: '{"total":12.5}' }),
  ]);
  const membership = { profile_id: PROFILE, since: at(2), cause: 'event', caused_by: 'm3' };
  await api.insert('audience_memberships', [
    { ...membership, audience_key: 'vip', member: true, version: 1 },
    { ...membership, audience_key: 'left', member: true, version: 1 },
    { ...membership, audience_key: 'left', member: false, version: 2 },
  ]);
}, 60_000);
afterAll(() => api.stop());

describe('traits', () => {
  it('are by name, with a cursor', async () => {
    expect(await bodyOf('traits')).toEqual({
      traits: { 'a b': [1, { c: null }], first_name: 'Ann', orders: 3, plan: 'pro' },
      cursor: {
        ...{ url: `${baseOf(api.workspace, 'user_id:ann')}/traits`, has_more: false, next: '', limit: 10 },
      },
    });
  });

  it('have their sources and times where they are verbose', async () => {
    expect(await bodyOf('traits?verbose=true&include=first_name,orders')).toMatchObject({
      traits: {
        first_name: { value: 'Ann', source_id: 'web', updated_at: at(1) },
        orders: { value: 3, source_id: '', updated_at: AT },
      },
    });
  });

  it('are of a class', async () => {
    expect(await bodyOf('traits?class=computed_trait')).toMatchObject({ traits: { orders: 3 } });
    expect((await bodyOf<{ traits: object }>('traits?class=audience')).traits).toEqual({ vip: true });
  });

  it('come in pages', async () => {
    const seen: string[] = [];
    let next = '';
    do {
      const page = await bodyOf<{ readonly traits: object }>(`traits?limit=3&next=${next}`);
      seen.push(...Object.keys(page.traits));
      expect(page.cursor.has_more).toBe(page.cursor.next !== '');
      ({ next } = page.cursor);
    } while (next !== '');
    expect(seen).toEqual(['a b', 'first_name', 'orders', 'plan']);
  });
});

describe('external_ids', () => {
  it('are what is known of the person', async () => {
    const { data } = await bodyOf<{ readonly data: unknown }>('external_ids');
    expect(data).toEqual([
      {
        ...{ type: 'email', id: 'ann+1@example.com', collection: 'users', encoding: 'none', source_id: '' },
        created_at: at(2),
      },
      { type: 'user_id', id: 'ann', collection: 'users', encoding: 'none', source_id: '', created_at: at(1) },
    ]);
    expect(await bodyOf('external_ids?include=email')).toMatchObject({ data: [{ type: 'email' }] });
  });
});

describe('events', () => {
  const namesOf = async (query: string) => {
    const { data } = await bodyOf<{ readonly data: readonly { readonly message_id: string }[] }>(
      `events${query}`,
    );
    return data.map(({ message_id }) => message_id);
  };

  it('are newest first', async () => {
    const { data } = await bodyOf<{ readonly data: readonly object[] }>('events');
    expect(data).toHaveLength(3);
    expect(data[0]).toEqual({
      external_ids: [{ collection: 'users', type: 'user_id', id: 'ann', encoding: 'none', source_id: '' }],
      ...{ type: 'track', event: 'Order Completed', message_id: 'm3', source_id: 'web', timestamp: at(3) },
      properties: { total: 12.5 },
      context: { ip: '10.0.0.1' },
    });
  });

  it('are of names, times and an order', async () => {
    expect(await namesOf('?include=Signed%20Up,Order%20Completed')).toEqual(['m3', 'm1']);
    expect(await namesOf('?exclude=Signed%20Up')).toEqual(['m3', 'm2']);
    expect(await namesOf(`?start=${at(2)}&end=${at(3)}`)).toEqual(['m2']);
    expect(await namesOf('?sort=asc')).toEqual(['m1', 'm2', 'm3']);
  });

  it.each(['asc', 'desc'])('come in pages, %s', async (sort) => {
    const whole = await namesOf(`?sort=${sort}`);
    const seen: string[] = [];
    let next = '';
    do {
      const page = await bodyOf<{ readonly data: readonly { readonly message_id: string }[] }>(
        `events?sort=${sort}&limit=1&next=${next}`,
      );
      seen.push(...page.data.map(({ message_id }) => message_id));
      ({ next } = page.cursor);
    } while (next !== '');
    expect(seen).toEqual(whole);
  });
});

describe('metadata and links', () => {
  it('say when the person was seen, and by which event', async () => {
    expect(await bodyOf('metadata')).toEqual({
      metadata: {
        ...{ segment_id: PROFILE, created_at: at(1), updated_at: at(3), expires_at: null },
        ...{ first_message_id: 'm1', first_source_id: 'web', last_message_id: 'm3', last_source_id: 'web' },
      },
      cursor: { url: '', has_more: false, next: '', limit: 0 },
    });
  });

  it('are the groups of the person', async () => {
    expect(await bodyOf('links')).toMatchObject({
      data: [
        {
          to_collection: 'accounts',
          external_ids: [{ type: 'group_id', id: 'acme', collection: 'accounts', created_at: at(2) }],
        },
      ],
      cursor: { has_more: false },
    });
  });
});

describe('what is not there', () => {
  it.each(['traits', 'external_ids', 'events', 'metadata', 'links'])('has no %s', async (part) => {
    const { status, body } = await get(part, 'user_id:nobody');
    expect([status, body]).toEqual([
      404,
      { error: { code: 'profile_not_found', message: 'Profile was not found.' } },
    ]);
  });

  it('is no collection, or no identifier of one', async () => {
    for (const collection of ['accounts', 'things']) {
      const path = `/v1/spaces/${api.workspace}/collections/${collection}/profiles/user_id:ann/traits`;
      const { status, body } = await api.ask('GET', path, undefined, BASIC);
      const message = expect.stringContaining(collection) as unknown;
      expect([status, body]).toMatchObject([404, { error: { message } }]);
    }
  });

  it('is the space of nobody', async () => {
    const { status, body } = await api.ask('GET', `${baseOf('elsewhere', 'user_id:ann')}/traits`);
    expect([status, body]).toMatchObject([404, { error: { code: 'workspace_not_found' } }]);
  });
});

describe('what is refused', () => {
  it.each([
    'traits?limit=0',
    'traits?limit=201',
    'traits?verbose=yes',
    'traits?class=all',
    'traits?next=x',
    'events?sort=up',
    'events?start=soon',
    'events?next=x',
    'links?next=x',
    'traits?limits=1',
  ])('%s', async (path) => {
    const { status, body } = await get(path);
    expect([status, body]).toMatchObject([400, { error: { code: 'invalid_request' } }]);
  });

  it('a request without a token, or with one that may not read', async () => {
    const path = `${baseOf(api.workspace, 'user_id:ann')}/traits`;
    expect((await api.ask('GET', path, undefined, { authorization: '' })).status).toBe(401);
    const made = await api.ask('POST', '/v1/tokens', { name: 'sends', scopes: ['ingest'] });
    const { token } = made.body as { readonly token: string };
    const sends = await api.ask('GET', path, undefined, { authorization: `Basic ${btoa(`${token}:`)}` });
    expect(sends.status).toBe(403);
  });
});

describe('how old an answer is', () => {
  it('is said of all that come from the tables', async () => {
    const { headers } = await get('traits');
    expect(headers.get('x-data-source')).toBe('tables');
    expect(Number(headers.get('age'))).toBeGreaterThan(0);
  });
});
