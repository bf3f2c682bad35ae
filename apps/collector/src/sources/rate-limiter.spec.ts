import { describe, expect, it } from '@jest/globals';
import { RateLimiter } from './rate-limiter.js';
import type { Source } from './source-registry.port.js';

let now = 0;
const clock = { now: () => now };
const source = (sourceId: string, eventsPerSecond?: number, burst = eventsPerSecond): Source => ({
  workspaceId: 'w',
  sourceId,
  enabled: true,
  ...(eventsPerSecond === undefined ? {} : { rateLimit: { eventsPerSecond, burst: burst ?? 1 } }),
});

describe('RateLimiter', () => {
  it('keeps each source to its own rate', () => {
    const rates = new RateLimiter(clock);
    const [noisy, other] = [source('noisy', 10), source('other', 10)];
    expect(rates.take(noisy, 10)).toBe(0);
    expect(rates.waitOf(noisy)).toBe(100);
    expect(rates.take(noisy, 1)).toBe(100);
    expect(rates.take(other, 10)).toBe(0);
    now += 100;
    expect(rates.take(noisy, 1)).toBe(0);
  });

  it('knows no limit where there is none', () => {
    const rates = new RateLimiter(clock);
    expect(rates.take(source('free'), 1_000_000)).toBe(0);
    expect(rates.waitOf(source('free'))).toBe(0);
  });

  it('remembers debts over changes of the source', () => {
    const rates = new RateLimiter(clock);
    rates.take(source('web', 10), 110);
    expect(rates.waitOf(source('web', 1_000))).toBe(101);
  });

  it('takes its part of the rate where several processes take calls', () => {
    const rates = new RateLimiter(clock, 4);
    rates.take(source('web', 40), 10);
    expect(rates.waitOf(source('web', 40))).toBe(100);
  });

  it('keeps all sources of a workspace to its rate, and those of others to none of it', () => {
    const rateOf = (id: string) => (id === 'w' ? { eventsPerSecond: 10, burst: 10 } : undefined);
    const rates = new RateLimiter(clock, 1, { isEnabled: () => true, rateOf });
    const [one, two] = [source('one'), source('two', 100)];
    const elsewhere = { ...source('one', 100), workspaceId: 'v' };
    expect(rates.take(one, 10)).toBe(0);
    expect(rates.take(two, 1)).toBe(100);
    expect(rates.reasonOf(two)).toBe('quota_exceeded');
    expect(rates.take(elsewhere, 100)).toBe(0);
    expect(rates.take(elsewhere, 1)).toBe(10);
    expect(rates.reasonOf(elsewhere)).toBe('rate_limited');
    now += 100;
    expect(rates.take(two, 1)).toBe(0);
    expect(rates.waitOf(one)).toBe(100);
  });

  it('takes nothing of a workspace where the source has to wait, and the other way round', () => {
    const rateOf = () => ({ eventsPerSecond: 10, burst: 10 });
    const rates = new RateLimiter(clock, 1, { isEnabled: () => true, rateOf });
    const slow = source('slow', 1);
    expect(rates.take(slow, 1)).toBe(0);
    expect(rates.take(slow, 5)).toBe(1_000);
    expect(rates.take(source('free'), 9)).toBe(0);
    now += 1_000;
    expect(rates.take(source('free'), 20)).toBe(0);
    expect(rates.take(slow, 1)).toBe(1_100);
    now += 1_100;
    expect(rates.take(slow, 1)).toBe(0);
  });
});
