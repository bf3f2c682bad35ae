import { describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(180_000);

const underTest = new PlatformUnderTest({ API_DEFAULT_TRAITS: 'true' });

async function order(userId: string, revenue: number) {
  const sdk = underTest.segment();
  sdk.track({ userId, event: 'Order Completed', properties: { revenue } });
  await sdk.flush();
}

const scoresOf = async (userId: string) => {
  const profile = await underTest.client.profile(`user_id:${userId}`);
  const { orders, revenue, frequency_score, monetary_score } = profile.computed;
  return { orders, revenue, frequency_score, monetary_score };
};

describe('a workspace that receives orders', () => {
  it('has the traits of its customers, scores among them, without anybody having defined one', async () => {
    const customers = ['ann', 'ben', 'cid', 'dee', 'eve'];
    for (const [i, customer] of customers.entries())
      for (let n = 0; n <= i; n += 1) await order(customer, 10 * (i + 1));
    const of = (orders: number, score: number) => ({
      ...{ orders, revenue: 10 * orders * orders, frequency_score: score, monetary_score: score },
    });
    for (const [i, customer] of customers.entries()) {
      await eventually(() => scoresOf(customer), {
        until: (scores) => JSON.stringify(scores) === JSON.stringify(of(i + 1, i + 1)),
        withinMs: 90_000,
        what: `the scores of ${customer}`,
      });
    }
    const trait = await underTest.client.ask('GET', '/v1/traits/monetary_score');
    expect(trait).toMatchObject({ state: 'live', ranking: { borders: [40, 90, 160, 250], people: 5 } });

    // Between two days a score follows its value by the borders.
    await order('ann', 150);
    await eventually(() => scoresOf('ann'), {
      until: ({ monetary_score }) => Number(monetary_score) >= 3,
      withinMs: 30_000,
      what: 'the score of somebody who spent more',
    });
  });
});
