import { describe, expect, it } from '@jest/globals';
import { SignInThrottle } from './sign-in-throttle.js';

const LIMITS = {
  perAccount: 2,
  perAddress: 4,
  firstWaitMs: 1_000,
  longestWaitMs: 8_000,
  forgetMs: 60_000,
  remembered: 10,
};

describe('the throttle of sign-ins', () => {
  it('takes some attempts on an account, then each waits twice as long', () => {
    const throttle = new SignInThrottle({ ...LIMITS, perAddress: 100 });
    expect([throttle.attempt('ann', 'a', 0), throttle.attempt('ann', 'b', 0)]).toEqual([0, 0]);
    expect(throttle.attempt('ann', 'c', 0)).toBe(1_000);
    expect(throttle.attempt('ann', 'c', 400)).toBe(600);
    expect(throttle.attempt('ann', 'c', 1_000)).toBe(0);
    expect(throttle.attempt('ann', 'c', 1_000)).toBe(2_000);
    expect(throttle.attempt('bob', 'c', 1_000)).toBe(0);
  });

  it('takes some attempts from an address, on whatever accounts', () => {
    const throttle = new SignInThrottle(LIMITS);
    for (const account of ['a', 'b', 'c', 'd']) expect(throttle.attempt(account, 'here', 0)).toBe(0);
    expect(throttle.attempt('e', 'here', 0)).toBe(1_000);
    expect(throttle.attempt('e', 'there', 0)).toBe(0);
  });

  it('waits no longer than the longest wait, and forgets', () => {
    const throttle = new SignInThrottle({ ...LIMITS, perAddress: 100 });
    let now = 0;
    for (let attempt = 0; attempt < 10; attempt += 1) now += throttle.attempt('ann', 'a', now);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const wait = throttle.attempt('ann', 'a', now);
      expect(wait).toBeLessThanOrEqual(8_000);
      now += wait;
    }
    expect(throttle.attempt('ann', 'a', now + 60_000)).toBe(0);
    expect(throttle.attempt('ann', 'a', now + 60_000)).toBe(0);
  });

  it('does not count attempts that were right', () => {
    const throttle = new SignInThrottle(LIMITS);
    for (let attempt = 0; attempt < 20; attempt += 1) {
      expect(throttle.attempt('ann', 'here', 0)).toBe(0);
      throttle.succeeded('ann', 'here');
    }
  });

  it('begins anew for an account that has signed in, and not for an address that guessed others', () => {
    const throttle = new SignInThrottle(LIMITS);
    for (const account of ['a', 'b', 'c']) throttle.attempt(account, 'here', 0);
    expect(throttle.attempt('ann', 'here', 0)).toBe(0);
    throttle.succeeded('ann', 'here');
    expect(throttle.attempt('d', 'here', 0)).toBe(0);
    expect(throttle.attempt('ann', 'here', 0)).toBe(1_000);
  });

  it('remembers no more than it may', () => {
    const throttle = new SignInThrottle(LIMITS);
    for (let account = 0; account < 100; account += 1) throttle.attempt(`a${account}`, `b${account}`, 0);
    expect(throttle.size).toBe(10);
  });
});
