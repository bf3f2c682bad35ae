import { describe, expect, it } from '@jest/globals';
import type { Call } from '../client/call.js';
import { People } from './people.js';

function calls(seed: number, requests = 2_000): readonly Call[] {
  const people = new People(seed);
  return Array.from({ length: requests }, () => people.next()).flat();
}

describe('People', () => {
  it('do the same things for the same seed, and others for another', () => {
    expect(calls(1)).toEqual(calls(1));
    expect(calls(1)).not.toEqual(calls(2));
  });

  it('give each call an id of its own', () => {
    const ids = calls(3).map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('browse without a name, sign up with an address, buy, and share tablets', () => {
    const done = calls(4);
    expect(done.some(({ type, userId }) => type === 'page' && userId === undefined)).toBe(true);
    expect(done.some(({ type, traits }) => type === 'identify' && traits?.email !== undefined)).toBe(true);
    expect(
      done.some(({ event, properties }) => event === 'Order Completed' && Number(properties?.total) > 0),
    ).toBe(true);
    expect(done.some(({ type, userId }) => type === 'group' && userId === undefined)).toBe(true);
    expect(new Set(done.map(({ groupId }) => groupId)).size).toBe(8);
    const users = new Map<string, Set<string>>();
    for (const { anonymousId, userId } of done) {
      if (!anonymousId?.startsWith('tablet') || userId === undefined) continue;
      users.set(anonymousId, (users.get(anonymousId) ?? new Set()).add(userId));
    }
    expect([...users.values()].some(({ size }) => size > 1)).toBe(true);
  });
});
