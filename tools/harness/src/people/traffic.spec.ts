import { describe, expect, it } from '@jest/globals';
import { Traffic } from './traffic.js';

const CALLS = 4_000;
const NOW = Date.UTC(2030, 0, 1);

const visits = () => new Traffic({ name: 'p10000-full-1-3', seed: 7, kind: 'visits' });

describe('Traffic', () => {
  const { calls, entering } = visits().batch(CALLS, NOW);

  it('makes the same events from the same name and seed', () => {
    expect(visits().batch(CALLS, NOW)).toEqual({ calls, entering });
  });

  it('makes events of about 850 bytes', () => {
    const bytes = JSON.stringify(calls).length / CALLS;
    expect(bytes).toBeGreaterThan(800);
    expect(bytes).toBeLessThan(900);
  });

  it('gives each event an id of its own, and the time that it is told', () => {
    expect(new Set(calls.map(({ messageId }) => messageId)).size).toBe(CALLS);
    expect(new Set(calls.map(({ timestamp }) => timestamp))).toEqual(new Set(['2030-01-01T00:00:00.000Z']));
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

  it('makes a visitor an event of newcomers, some of whom tell who they are', () => {
    const newcomers = new Traffic({ name: 't', seed: 7, kind: 'newcomers' });
    const { calls: first } = newcomers.batch(100, NOW);
    expect(new Set(first.map(({ anonymousId }) => anonymousId)).size).toBe(100);
    expect(newcomers.visitors).toBeGreaterThanOrEqual(100);
    expect(new Set(first.map(({ type }) => type))).toEqual(new Set(['page', 'identify']));
  });

  it('lets newcomers return under the ids that they had, a few visits among them', () => {
    const came = new Traffic({ name: 't', seed: 7, kind: 'newcomers' }).batch(200, NOW).calls;
    const known = new Map(came.map((call) => [call.anonymousId, call.userId]));
    const back = new Traffic({ name: 'r', seed: 7, kind: 'returning', known: { name: 't', count: 200 } });
    const { calls: returned } = back.batch(CALLS, NOW);
    const ofKnown = returned.filter(({ anonymousId }) => known.has(anonymousId));
    expect(ofKnown.length / CALLS).toBeGreaterThan(0.85);
    expect(new Set(ofKnown.map(({ anonymousId }) => anonymousId)).size).toBeGreaterThan(190);
    for (const { anonymousId, userId } of ofKnown) expect(userId).toBe(known.get(anonymousId));
    expect(returned.length - ofKnown.length).toBeGreaterThan(CALLS / 20);
  });
});
