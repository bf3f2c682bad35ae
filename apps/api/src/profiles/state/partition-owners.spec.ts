import { describe, expect, it } from '@jest/globals';
import { PartitionOwners } from './partition-owners.js';

/** A group of which partition 0 is answered for at `a`, and 1 at `b`, until it says otherwise. */
function owners() {
  const state = {
    now: 0,
    asked: 0,
    addresses: new Map([
      [0, 'a'],
      [1, 'b'],
    ]),
    isAway: false,
  };
  const found = new PartitionOwners(
    () => {
      state.asked += 1;
      return state.isAway ? Promise.reject(new Error('away')) : Promise.resolve(state.addresses);
    },
    () => state.now,
  );
  return { state, found };
}

describe('PartitionOwners', () => {
  it('asks once for all who want to know, and again after a while without anybody waiting', async () => {
    const { state, found } = owners();
    expect(await Promise.all([0, 1, 2].map((p) => found.addressOf(p)))).toEqual(['a', 'b', undefined]);
    expect(state.asked).toBe(1);
    state.addresses = new Map([[0, 'c']]);
    state.now = 6_000;
    expect(await found.addressOf(0)).toBe('a');
    expect(state.asked).toBe(2);
    expect(await found.addressOf(0)).toBe('c');
  });

  it('asks at once who owns what its owner does not, but not for each read', async () => {
    const { state, found } = owners();
    await found.addressOf(0);
    state.addresses = new Map([[0, 'b']]);
    state.now = 300;
    found.misdirected(0, 'a');
    expect(await found.addressOf(0)).toBe('b');
    found.misdirected(0, 'b');
    expect([await found.addressOf(0), await found.addressOf(0)]).toEqual([undefined, undefined]);
    expect(state.asked).toBe(2);
    state.now = 600;
    expect(await found.addressOf(0)).toBe('b');
    expect(state.asked).toBe(3);
  });

  it('leaves whoever does not answer alone for a while', async () => {
    const { state, found } = owners();
    await found.addressOf(0);
    found.away('a');
    expect([await found.addressOf(0), await found.addressOf(1)]).toEqual([undefined, 'b']);
    state.now = 900;
    expect(await found.addressOf(0)).toBeUndefined();
    state.now = 1_200;
    expect(await found.addressOf(0)).toBe('a');
  });

  it('goes on with what it knows while Kafka is away, and with nothing where it knows nothing', async () => {
    const { state, found } = owners();
    state.isAway = true;
    expect(await found.addressOf(0)).toBeUndefined();
    state.isAway = false;
    state.now = 300;
    expect(await found.addressOf(0)).toBe('a');
    state.isAway = true;
    state.now = 9_000;
    expect([await found.addressOf(0), await found.addressOf(0)]).toEqual(['a', 'a']);
  });
});
