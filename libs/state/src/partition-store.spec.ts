import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PartitionStore, TakenOverError, storedKey } from './partition-store.js';

const meta = (offset: number) => ({ offsets: { orders: offset }, changelogOffset: offset, at: 1 });
const open: PartitionStore[] = [];
let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'store-'));
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  await rm(dir, { recursive: true, force: true });
});

async function openStore(): Promise<PartitionStore> {
  const store = await PartitionStore.open(dir);
  open.push(store);
  return store;
}

/** States of which one cannot be written. */
function* broken(): IterableIterator<readonly [string, string]> {
  yield ['a', 'after'];
  throw new Error('no more');
}

describe('PartitionStore', () => {
  it('has no checkpoint when it is new', async () => {
    const store = await openStore();
    expect(store.meta).toBeUndefined();
    expect(store.get('a')).toBeUndefined();
    expect([...store.states()]).toEqual([]);
  });

  it('keeps states, tables and meta when it is opened again', async () => {
    const store = await PartitionStore.open(dir);
    store.stage((writer) => {
      writer.put('due', '5', 'five');
    });
    await store.commit([['a', 'A']], meta(3));
    await store.close();
    const again = await openStore();
    expect(again.meta).toEqual(meta(3));
    expect(again.get('a')).toBe('A');
    expect(again.getFrom('due', '5')).toBe('five');
  });

  it('removes a state whose value is null', async () => {
    const store = await openStore();
    await store.commit(
      [
        ['a', 'A'],
        ['b', 'B'],
      ],
      meta(1),
    );
    await store.commit([['a', null]], meta(2));
    expect([...store.states()]).toEqual([{ storedKey: 'b', value: 'B' }]);
  });

  it('writes nothing of a commit that fails in its middle', async () => {
    const store = await openStore();
    store.stage((writer) => {
      writer.put('due', '1', 'before');
    });
    await store.commit([['a', 'before']], meta(1));
    store.stage((writer) => {
      writer.put('due', '1', 'after');
    });
    await expect(store.commit(broken(), meta(2))).rejects.toThrow('no more');
    await store.close();
    const again = await openStore();
    expect(again.get('a')).toBe('before');
    expect(again.getFrom('due', '1')).toBe('before');
    expect(again.meta).toEqual(meta(1));
  });

  it('goes on after a commit that failed, also with a table that the failed one was the first to use', async () => {
    const store = await openStore();
    store.stage((writer) => {
      writer.put('due', '1', 'row');
    });
    await expect(store.commit(broken(), meta(1))).rejects.toThrow('no more');
    store.stage((writer) => {
      writer.put('due', '2', 'row');
    });
    await store.commit([['b', 'B']], meta(2));
    expect([...store.states()].map((row) => row.storedKey)).toEqual(['b']);
    expect([...store.range('due', '')].map((row) => row.key)).toEqual(['1', '2']);
  });

  it('shows what is staged in its tables before it is written, and the same after', async () => {
    const store = await openStore();
    store.stage((writer) => {
      for (const key of ['a', 'c', 'e']) writer.put('due', key, 'before');
      writer.put('other', 'x', 'before');
    });
    await store.commit([], meta(1));
    store.stage((writer) => {
      writer.clear('other');
      writer.remove('due', 'c');
      for (const key of ['d', 'a', 'f']) writer.put('due', key, 'after');
    });
    const shown = () => ({
      rows: [...store.range('due', '')].map(({ key, value }) => `${key} ${value}`),
      between: [...store.range('due', 'b', 'f')].map(({ key }) => key),
      one: [store.getFrom('due', 'c'), store.getFrom('due', 'd'), store.getFrom('other', 'x')],
      other: [...store.range('other', '')],
    });
    const expected = {
      rows: ['a after', 'd after', 'e before', 'f after'],
      between: ['d', 'e'],
      one: [undefined, 'after', undefined],
      other: [],
    };
    expect(shown()).toEqual(expected);
    await store.commit([], meta(2));
    expect(shown()).toEqual(expected);
  });

  it('refuses its old owner once another has opened it', async () => {
    const old = await openStore();
    await old.commit([['a', 'old']], meta(1));
    const owner = await openStore();
    await owner.commit([['a', 'new']], meta(2));
    await expect(old.commit([['a', 'late']], meta(9))).rejects.toBeInstanceOf(TakenOverError);
    expect(owner.get('a')).toBe('new');
    expect(owner.meta).toEqual(meta(2));
  });

  it('tells long keys apart that begin alike', async () => {
    const store = await openStore();
    const [one, two] = ['1', '2'].map((end) => 'k'.repeat(5_000) + end) as [string, string];
    store.stage((writer) => {
      writer.put('due', one, 'row');
    });
    await store.commit(
      [
        [one, 'one'],
        [two, 'two'],
      ],
      meta(1),
    );
    expect([store.get(one), store.get(two)]).toEqual(['one', 'two']);
    expect([store.getFrom('due', one), store.getFrom('due', two)]).toEqual(['row', undefined]);
    expect([...store.states()].map((row) => row.storedKey).sort()).toEqual([one, two].map(storedKey).sort());
  });

  it('ranges over a table in the order of its keys, from the start and before the end', async () => {
    const store = await openStore();
    store.stage((writer) => {
      for (const key of ['c', 'a', 'd', 'b']) writer.put('due', key, key.toUpperCase());
      writer.remove('due', 'd');
    });
    await store.commit([], meta(1));
    expect([...store.range('due', 'b')].map((row) => row.value)).toEqual(['B', 'C']);
    expect([...store.range('due', 'a', 'c')]).toEqual([
      { key: 'a', value: 'A' },
      { key: 'b', value: 'B' },
    ]);
    store.stage((writer) => {
      writer.clear('due');
    });
    await store.commit([], meta(2));
    expect([...store.range('due', '')]).toEqual([]);
  });
});

describe('storedKey', () => {
  it('leaves a short key as it is', () => {
    expect(storedKey('w/user:1')).toBe('w/user:1');
  });
});
