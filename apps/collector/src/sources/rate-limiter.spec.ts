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
});
