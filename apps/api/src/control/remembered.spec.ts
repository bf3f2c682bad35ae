import { describe, expect, it } from '@jest/globals';
import { Remembered } from './remembered.js';

function counting() {
  const state = { now: 0, reads: 0, fails: false };
  const remembered = new Remembered(
    (key) => {
      state.reads += 1;
      return state.fails ? Promise.reject(new Error('away')) : Promise.resolve(`${key}${state.reads}`);
    },
    { freshMs: 100, goodMs: 200, most: 2, now: () => state.now },
  );
  return { state, remembered };
}

describe('Remembered', () => {
  it('reads once for all who ask at once, and not again while it is fresh', async () => {
    const { state, remembered } = counting();
    expect(await Promise.all([remembered.get('a'), remembered.get('a')])).toEqual(['a1', 'a1']);
    state.now = 99;
    expect(await remembered.get('a')).toBe('a1');
    expect(state.reads).toBe(1);
  });

  it('answers with what is good while it reads again, and waits when it is not', async () => {
    const { state, remembered } = counting();
    await remembered.get('a');
    state.now = 150;
    expect(await remembered.get('a')).toBe('a1');
    expect(await remembered.get('a')).toBe('a2');
    state.now = 1_000;
    expect(await remembered.get('a')).toBe('a3');
  });

  it('is no older than it may be while the database is away', async () => {
    const { state, remembered } = counting();
    await remembered.get('a');
    state.fails = true;
    state.now = 199;
    expect(await remembered.get('a')).toBe('a1');
    state.now = 200;
    await expect(remembered.get('a')).rejects.toThrow('away');
  });

  it('forgets what was changed, also what was being read meanwhile', async () => {
    const { remembered } = counting();
    const before = remembered.get('a');
    remembered.forget('a');
    expect(await before).toBe('a1');
    expect(await remembered.get('a')).toBe('a2');
    remembered.forget();
    expect(await remembered.get('a')).toBe('a3');
  });

  it('keeps so many', async () => {
    const { state, remembered } = counting();
    for (const key of ['a', 'b', 'c']) await remembered.get(key);
    await remembered.get('c');
    await remembered.get('b');
    expect(state.reads).toBe(3);
    await remembered.get('a');
    expect(state.reads).toBe(4);
  });
});
