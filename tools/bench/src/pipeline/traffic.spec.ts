import { describe, expect, it } from '@jest/globals';
import { Traffic } from './traffic.js';

const CALLS = 4_000;

describe('Traffic', () => {
  const { calls, entering } = new Traffic('t', 7).batch(CALLS);

  it('makes the same events from the same name and seed', () => {
    expect(new Traffic('t', 7).batch(CALLS)).toEqual({ calls, entering });
  });

  it('makes events of about 850 bytes', () => {
    const bytes = JSON.stringify(calls).length / CALLS;
    expect(bytes).toBeGreaterThan(750);
    expect(bytes).toBeLessThan(950);
  });

  it('says who enters the audience: whoever made two orders of 100 or more', () => {
    const orders = new Map<string, number>();
    for (const { event, userId, properties } of calls) {
      if (event !== 'Order Completed' || typeof userId !== 'string') continue;
      if ((properties as { readonly total: number }).total < 100) continue;
      orders.set(userId, (orders.get(userId) ?? 0) + 1);
    }
    const twice = [...orders].filter(([, count]) => count >= 2).map(([userId]) => userId);
    expect(twice.length).toBeGreaterThan(10);
    expect([...entering].sort()).toEqual(twice.sort());
  });
});
