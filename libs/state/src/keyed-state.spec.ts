import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyedState } from './keyed-state.js';
import { PartitionStore } from './partition-store.js';

interface Count {
  readonly n: number;
}

let dir = '';
let store: PartitionStore;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'keyed-'));
  store = await PartitionStore.open(dir);
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

async function checkpoint(state: KeyedState<Count>): Promise<void> {
  await store.commit(state.changes(), { offsets: {}, changelogOffset: 0, at: 1 });
  state.settle();
}

const fresh = () => new KeyedState<Count>(store, 1_000);

describe('KeyedState', () => {
  it('has no state of a key that is deleted: before a checkpoint, while it is written, after it, and from the disk', async () => {
    const state = fresh();
    state.set('a', { n: 1 }, 'orders', 4);
    state.set('b', { n: 2 }, 'orders', 5);
    await checkpoint(state);
    const keys = () => [...state.all()].map(({ key }) => key);
    const isGone = () => {
      expect(state.get('a')).toBeUndefined();
      expect(state.isFolded('a', 'orders', 4)).toBe(false);
      expect(keys()).toEqual(['b']);
      expect(state.page('', 10).map(({ key }) => key)).toEqual(['b']);
    };
    state.delete('a');
    isGone();
    const changes = state.changes();
    expect(changes).toEqual([['a', null]]);
    expect(state.lastWritten('a')).toBeNull();
    isGone();
    await store.commit(changes, { offsets: {}, changelogOffset: 0, at: 1 });
    state.settle();
    isGone();
    expect(fresh().get('a')).toBeUndefined();
    state.set('a', { n: 3 }, 'orders', 9);
    expect(keys().sort()).toEqual(['a', 'b']);
    // One that is not there is no change.
    state.delete('nobody');
    expect(state.dirtyCount).toBe(1);
  });

  it('knows up to which offset of each input a key is folded', () => {
    const state = fresh();
    expect(state.lastFolded('a', 'orders')).toBe(-1);
    expect(state.isFolded('a', 'orders', 0)).toBe(false);
    state.set('a', { n: 1 }, 'orders', 4);
    state.set('a', { n: 2 }, 'links', 7);
    expect([state.lastFolded('a', 'orders'), state.lastFolded('a', 'links')]).toEqual([4, 7]);
    expect([4, 5].map((offset) => state.isFolded('a', 'orders', offset))).toEqual([true, false]);
    expect(state.isFolded('b', 'orders', 0)).toBe(false);
  });

  it('reads from disk what was folded before', async () => {
    const before = fresh();
    before.set('a', { n: 1 }, 'orders', 4);
    await checkpoint(before);
    const state = fresh();
    expect(state.get('a')).toEqual({ n: 1 });
    expect(state.lastFolded('a', 'orders')).toBe(4);
  });

  it('keeps the offsets when a state is replaced for a reason that is no record', () => {
    const state = fresh();
    state.set('a', { n: 1 }, 'orders', 4);
    state.replace('a', { n: 9 });
    expect(state.get('a')).toEqual({ n: 9 });
    expect(state.lastFolded('a', 'orders')).toBe(4);
  });

  it('names every key once, changed or not, with its state as of now', async () => {
    const long = 'k'.repeat(5_000);
    const state = fresh();
    for (const key of ['kept', 'changed', long]) state.set(key, { n: 1 }, 'orders', 0);
    await checkpoint(state);
    state.set('changed', { n: 2 }, 'orders', 1);
    state.set('added', { n: 3 }, 'orders', 2);
    expect(new Map([...state.all()].map(({ key, state: { n } }) => [key, n]))).toEqual(
      new Map([
        ['kept', 1],
        ['changed', 2],
        ['added', 3],
        [long, 1],
      ]),
    );
    state.set(long, { n: 4 }, 'orders', 3);
    expect([...state.all()].filter(({ key }) => key === long)).toEqual([{ key: long, state: { n: 4 } }]);
  });

  it('holds as changes what was set since it last settled', async () => {
    const state = fresh();
    state.set('a', { n: 1 }, 'orders', 0);
    expect(state.dirtyCount).toBe(1);
    await checkpoint(state);
    expect(state.changes()).toEqual([]);
    state.set('b', { n: 1 }, 'orders', 1);
    expect(state.changes()).toEqual([['b', '{"offsets":{"orders":2},"state":{"n":1}}']]);
  });

  it('finds on disk what its cache has let go', async () => {
    const state = new KeyedState<Count>(store, 100);
    const keys = Array.from({ length: 20 }, (_, i) => `key ${i}`);
    for (const [n, key] of keys.entries()) state.set(key, { n }, 'orders', n);
    await checkpoint(state);
    expect(keys.map((key) => state.get(key)?.n)).toEqual(keys.map((_, i) => i));
  });

  it('gives pages of all keys in the order of the store, those that no checkpoint has among them', async () => {
    const state = fresh();
    const keys = ['b', 'd', 'é', '😀', '\uffee', 'k'.repeat(600)];
    for (const [n, key] of keys.entries()) state.set(key, { n }, 'orders', n);
    await checkpoint(state);
    for (const key of ['a', 'c', 'e']) state.set(key, { n: 0 }, 'orders', 9);
    state.set('d', { n: 99 }, 'orders', 9);
    const pages = [];
    let after = '';
    for (let page = state.page(after, 2); page.length > 0; page = state.page(after, 2)) {
      expect(page.length).toBeLessThanOrEqual(2);
      expect(page.every(({ key }) => state.isAfter(key, after))).toBe(true);
      pages.push(...page);
      after = page.at(-1)?.storedKey ?? '';
      expect(page.some(({ key }) => state.isAfter(key, after))).toBe(false);
    }
    const long = keys.at(-1) ?? '';
    expect(pages.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'e', long, 'é', '\uffee', '😀']);
    expect(pages.find(({ key }) => key === 'd')?.state).toEqual({ n: 99 });
  });
});
