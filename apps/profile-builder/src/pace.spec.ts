import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PartitionStore } from '@tributary/state';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pace } from './pace.js';

let dir = '';
let store: PartitionStore;
let pace: Pace;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pace-'));
  store = await PartitionStore.open(dir);
  pace = new Pace(store, { gatherMs: 0, everyMs: 1_000 });
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

describe('Pace', () => {
  it('lets a key through at once, and then at its turn, each key for itself', () => {
    expect(pace.isDue('a', 5_000)).toBe(true);
    expect(pace.isDue('a', 5_400)).toBe(false);
    expect(pace.isDue('b', 5_500)).toBe(true);
    expect(pace.isDue('a', 5_999)).toBe(false);
    expect(pace.next).toBe(6_000);
    expect(pace.due(5_999)).toEqual([]);
    expect(pace.due(6_000)).toEqual(['a']);
    expect(pace.next).toBe(Infinity);
    expect(pace.isDue('a', 6_500)).toBe(false);
    expect(pace.isDue('b', 6_500)).toBe(true);
  });

  it('never makes a key wait twice as long where its turn is late', () => {
    pace.isDue('a', 5_000);
    pace.isDue('a', 5_400);
    expect(pace.isDue('a', 7_000)).toBe(false);
    expect(pace.due(7_000)).toEqual(['a']);
  });

  it('makes nobody wait for a clock that has gone back', () => {
    pace.isDue('a', 5_000_000);
    pace.isDue('a', 5_000_400);
    expect(pace.due(1_000)).toEqual(['a']);
    pace.isDue('b', 5_000_000);
    expect(pace.isDue('b', 1_000)).toBe(true);
  });

  it('gathers what comes shortly after the first, once, and then keeps its turns', () => {
    const gathering = new Pace(store, { gatherMs: 200, everyMs: 1_000 });
    expect(gathering.isDue('a', 5_000)).toBe(false);
    expect(gathering.isDue('a', 5_150)).toBe(false);
    expect(gathering.next).toBe(5_200);
    expect(gathering.due(5_200)).toEqual(['a']);
    expect(gathering.isDue('a', 5_300)).toBe(false);
    expect(gathering.next).toBe(6_200);
    expect(gathering.due(6_200)).toEqual(['a']);
    expect(gathering.isDue('a', 9_000)).toBe(false);
    expect(gathering.next).toBe(9_200);
  });

  it('lets everything through where nothing is to wait', () => {
    const none = new Pace(store, { gatherMs: 0, everyMs: 0 });
    expect([1, 1, 2].map((now) => none.isDue('a', now))).toEqual([true, true, true]);
    expect(none.next).toBe(Infinity);
  });
});
