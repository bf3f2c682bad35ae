import { describe, expect, it, jest } from '@jest/globals';
import { TOPICS, type AccountMessage, type ProfileMessage } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(180_000);

const underTest = new PlatformUnderTest();
const SEGMENT = '/v1/spaces/default/collections/accounts/profiles/group_id:acme';

const account = () => underTest.client.ask('GET', '/v1/accounts/acme') as Promise<AccountMessage>;
const profileOf = (identifier: string) =>
  underTest.client.ask('GET', `/v1/profiles?identifier=${identifier}`) as Promise<ProfileMessage>;

/** The account, once its people and computed traits are so. */
const accountWith = (peopleCount: number, computed: object) =>
  eventually(() => account().catch(() => undefined), {
    until: (found) =>
      found?.peopleCount === peopleCount && JSON.stringify(found.computed) === JSON.stringify(computed),
    withinMs: 60_000,
    what: `an account of ${peopleCount} with ${JSON.stringify(computed)}`,
  });

describe('accounts', () => {
  it('have the traits of group calls, their people, and sums over what these did, before and after', async () => {
    const sdk = underTest.segment();
    const order = (ids: { readonly userId: string } | { readonly anonymousId: string }, total: number) => {
      sdk.track({ ...ids, event: 'Order Completed', properties: { total } });
    };
    order({ userId: 'ann' }, 10);
    order({ userId: 'ben' }, 5);
    await sdk.flush();
    const again = underTest.segment();
    again.group({ userId: 'ann', groupId: 'acme', traits: { name: 'Acme', plan: 'free' } });
    await again.flush();
    const body = {
      name: 'Revenue',
      of: 'accounts',
      query: "event('Order Completed').sum(property('total'))",
    };
    await underTest.client.ask('PUT', '/v1/traits/revenue', body);
    await accountWith(1, { revenue: 10 });

    const later = underTest.segment();
    later.group({ userId: 'ben', groupId: 'acme', traits: { plan: 'pro' } });
    later.group({ anonymousId: 'phone', groupId: 'acme', traits: {} });
    later.track({ anonymousId: 'phone', event: 'Order Completed', properties: { total: 2 } });
    await later.flush();
    await accountWith(3, { revenue: 17 });
    const merging = underTest.segment();
    merging.identify({ userId: 'ben', anonymousId: 'phone' });
    await merging.flush();
    await accountWith(2, { revenue: 17 });
    expect((await profileOf('user_id:ben')).groups).toMatchObject([{ groupId: 'acme' }]);
    // A trait of accounts is no trait of people.
    expect((await profileOf('user_id:ben')).computed).toEqual({});
  });

  it('are read in the shapes of Segment, with their people', async () => {
    expect(await underTest.client.ask('GET', `${SEGMENT}/traits`)).toMatchObject({
      traits: { name: 'Acme', plan: 'pro', revenue: 17 },
    });
    const { data } = (await underTest.client.ask('GET', `${SEGMENT}/links`)) as {
      readonly data: readonly { readonly external_ids: readonly { readonly id: string }[] }[];
    };
    const ids = data.map(({ external_ids }) => external_ids.map(({ id }) => id).sort());
    expect(ids.sort()).toEqual([['ann'], ['ben', 'phone']]);
    const people = (await underTest.client.ask('GET', '/v1/accounts/acme/people?limit=1')) as {
      readonly data: readonly object[];
      readonly cursor: { readonly next: string };
    };
    const rest = await underTest.client.ask(
      'GET',
      `/v1/accounts/acme/people?limit=5&cursor=${people.cursor.next}`,
    );
    expect(people.data).toHaveLength(1);
    expect(rest).toMatchObject({ data: [{}], cursor: { hasMore: false } });
  });

  it('are in a topic and a table', async () => {
    await eventually(() => underTest.read(TOPICS.accounts, 'account@1'), {
      until: (all) => all.at(-1)?.computed.revenue === 17 && all.at(-1)?.peopleCount === 2,
      withinMs: 30_000,
      what: 'the account in its topic',
    });
    const rows = async () => {
      const query =
        'SELECT group_id, traits.plan::String AS plan, people_count FROM current_accounts FORMAT JSONEachRow';
      const url = `${underTest.platform.clickhouseUrl}/?database=tributary&query=${encodeURIComponent(query)}`;
      return (await fetch(url)).text();
    };
    await eventually(rows, {
      until: (text) => /"group_id":"acme","plan":"pro","people_count":"?2/.test(text),
      withinMs: 30_000,
      what: 'the account in its table',
    });
  });

  it('lose a person who is deleted, and keep what that person said of them', async () => {
    await underTest.client.ask('POST', '/v1/privacy/requests', { type: 'delete', identifier: 'user_id:ben' });
    await accountWith(1, { revenue: 10 });
    expect(await account()).toMatchObject({ traits: { name: 'Acme', plan: 'pro' } });
  });
});
