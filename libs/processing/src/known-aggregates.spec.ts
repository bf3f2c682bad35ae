import { describe, expect, it } from '@jest/globals';
import { activeAggregateKey, TOPICS } from '@tributary/contracts';
import { AggregateProgress } from './known-aggregates.js';
import { KnownHere } from './known-here.js';

const twice = [{ aggregate: { hash: 'h' }, bound: 2 }];

function said(progress: AggregateProgress, partition: number, of: { bound: number; known?: number } | null) {
  return progress.take({
    key: activeAggregateKey('w', 'h', partition),
    value: of && Buffer.from(JSON.stringify(of)),
  });
}

describe('AggregateProgress', () => {
  it('knows an aggregate when every partition has what was before, with the bound that is asked for', () => {
    const progress = new AggregateProgress(2);
    said(progress, 0, { bound: 2, known: 2 });
    said(progress, 1, { bound: 2 });
    expect(progress.isKnown('w', twice)).toBe(false);
    expect(progress.progressOf('w', twice)).toEqual({ active: 2, known: 1, partitions: 2 });

    expect(said(progress, 1, { bound: 2, known: 2 })).toBe(true);
    expect(progress.isKnown('w', twice)).toBe(true);
    expect(progress.isKnown('another', twice)).toBe(false);
  });

  it('knows a lesser bound while a greater one is being found out', () => {
    const progress = new AggregateProgress(1);
    said(progress, 0, { bound: 3, known: 2 });
    expect(progress.isKnown('w', twice)).toBe(true);
    expect(progress.isKnown('w', [{ aggregate: { hash: 'h' }, bound: 3 }])).toBe(false);
  });

  it('tells the bound of nothing, 0, from no seeds', () => {
    const progress = new AggregateProgress(1);
    const total = [{ aggregate: { hash: 'h' }, bound: 0 }];
    said(progress, 0, { bound: 0 });
    expect(progress.isKnown('w', total)).toBe(false);
    said(progress, 0, { bound: 0, known: 0 });
    expect(progress.isKnown('w', total)).toBe(true);
  });

  it('knows what reads no aggregate, and nothing of one that is folded no more', () => {
    const progress = new AggregateProgress(1);
    expect(progress.isKnown('w', [])).toBe(true);
    said(progress, 0, { bound: 2, known: 2 });
    expect(said(progress, 0, { bound: 2, known: 2 })).toBe(false);
    expect(said(progress, 0, null)).toBe(true);
    expect(progress.isKnown('w', twice)).toBe(false);
  });
});

describe('what every partition knows of an aggregate', () => {
  const record = { key: activeAggregateKey('w', 'h', 1) };

  it('is the least of them, and nothing where one knows nothing', () => {
    const progress = new AggregateProgress(2);
    said(progress, 0, { bound: 3, known: 3 });
    expect(progress.knownBoundOf(record)).toBeUndefined();
    said(progress, 1, { bound: 3, known: 2 });
    expect(progress.knownBoundOf(record)).toBe(2);
    said(progress, 1, null);
    expect(progress.knownBoundOf(record)).toBeUndefined();
  });
});

describe('KnownHere', () => {
  const awaited = new Map([['an audience', { workspaceId: 'w', aggregates: twice }]]);
  const logsOf = (end: () => number) => ({
    bounds: (topic: string) =>
      Promise.resolve(new Map([[3, { start: 0, end: topic === TOPICS.fragments.name ? end() : 0 }]])),
  });

  it('is known to who has read as far as the partition was long when it heard of it, whatever comes after', async () => {
    const known = new AggregateProgress(1);
    let end = 5;
    const here = new KnownHere({ partition: 3, known, logs: logsOf(() => end) });
    expect(await here.look(awaited)).toBe(false);
    expect(here.isKnown('an audience', 100)).toBe(false);

    said(known, 0, { bound: 2, known: 2 });
    expect(await here.look(awaited)).toBe(true);
    end = 9;
    expect(await here.look(awaited)).toBe(false);
    expect(here.isKnown('an audience', 4)).toBe(false);
    expect(here.isKnown('an audience', 5)).toBe(true);
  });

  it('goes on from what it knew, and forgets what is not awaited or not known any more', async () => {
    const known = new AggregateProgress(1);
    said(known, 0, { bound: 2, known: 2 });
    const here = new KnownHere({ partition: 3, known, logs: logsOf(() => 9) }, { 'an audience': 5 });
    await here.look(awaited);
    expect(here.from).toEqual({ 'an audience': 5 });

    said(known, 0, null);
    expect(await here.look(awaited)).toBe(true);
    expect(here.from).toEqual({});
  });
});
