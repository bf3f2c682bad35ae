import { describe, expect, it, jest } from '@jest/globals';
import { TOPICS, type ProfileMessage } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(120_000);

const underTest = new PlatformUnderTest();
const TRAITS = {
  orders: "event('Order Completed').count()",
  revenue: "event('Order Completed').sum(property('total'))",
  revenue_3s: "event('Order Completed').within(3 seconds).sum(property('total'))",
  favourite: "event('Order Completed').mode(property('shop'), 2)",
};

async function order(total: number, ids: { readonly userId: string } | { readonly anonymousId: string }) {
  const sdk = underTest.segment();
  sdk.track({ ...ids, event: 'Order Completed', properties: { total, shop: 'north' } });
  await sdk.flush();
}

const profileOf = (identifier: string) =>
  underTest.client.ask('GET', `/v1/profiles?identifier=${identifier}`) as Promise<ProfileMessage>;

/** What the api reads of a person's computed traits, once they are so. */
const computedOf = (identifier: string, expected: object) =>
  eventually(async () => (await profileOf(identifier).catch(() => undefined))?.computed, {
    until: (computed) => JSON.stringify(computed) === JSON.stringify(expected),
    withinMs: 60_000,
    what: `the computed traits of ${identifier} to be ${JSON.stringify(expected)}`,
  });

describe('computed traits', () => {
  it('count all of history, follow events, windows and merges, and are read from the API, a topic and a table', async () => {
    await order(0.1, { userId: 'ann' });
    await order(0.2, { userId: 'ann' });
    for (const [key, query] of Object.entries(TRAITS)) await underTest.client.putTrait(key, query);
    await computedOf('user_id:ann', { favourite: 'north', orders: 2, revenue: 0.3, revenue_3s: 0 });

    await order(0.7, { anonymousId: 'phone' });
    await computedOf('anonymous_id:phone', { orders: 1, revenue: 0.7, revenue_3s: 0 });
    const sdk = underTest.segment();
    sdk.identify({ userId: 'ann', anonymousId: 'phone' });
    await sdk.flush();
    const together = { favourite: 'north', orders: 3, revenue: 1, revenue_3s: 0 };
    await computedOf('anonymous_id:phone', together);

    const { profileId } = await profileOf('user_id:ann');
    await eventually(() => underTest.read(TOPICS.profiles, 'profile@1'), {
      until: (profiles) => {
        const last = profiles.findLast((profile) => profile.profileId === profileId);
        return JSON.stringify(last?.computed) === JSON.stringify(together);
      },
      withinMs: 30_000,
      what: 'the merged profile in its topic',
    });
    const traits = '/v1/spaces/default/collections/users/profiles/user_id:ann/traits?class=computed_trait';
    expect(await underTest.client.ask('GET', traits)).toMatchObject({ traits: together });
    const exported = async () => {
      const answer = await underTest.client.api('/v1/exports/profiles?format=ndjson');
      const lines = (await answer.text()).trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line) as ProfileMessage);
    };
    await eventually(exported, {
      until: (all) =>
        all.some(
          (one) => one.profileId === profileId && JSON.stringify(one.computed) === JSON.stringify(together),
        ),
      withinMs: 30_000,
      what: 'the merged profile in the export',
    });

    await underTest.client.ask('DELETE', '/v1/traits/orders');
    await computedOf('user_id:ann', { favourite: 'north', revenue: 1, revenue_3s: 0 });
  });
});
