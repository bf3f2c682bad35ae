import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldLeaf, mergeLeaves, type LeafState } from './leaf-state.js';

interface Met {
  readonly time: number;
  readonly id: string;
}

const occurrence: fc.Arbitrary<Met> = fc.record({
  time: fc.integer({ min: 0, max: 9 }),
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
});
const occurrences = fc.array(occurrence, { maxLength: 20 });
const keeping = fc.integer({ min: 1, max: 5 }).map((keep) => ({ keep }));

const foldAll = (leaf: { readonly keep: number }, met: readonly Met[]): LeafState =>
  met.reduce<LeafState>((state, one) => foldLeaf(state, leaf, one), []);

/** Independent of the fold: the latest time of each id, sorted, cut. */
function naive({ keep }: { readonly keep: number }, met: readonly Met[]): LeafState {
  const latest = new Map<string, number>();
  for (const { time, id } of met) latest.set(id, Math.max(time, latest.get(id) ?? 0));
  return [...latest]
    .map(([id, time]) => [time, id] as const)
    .sort((a, b) => b[0] - a[0] || (a[1] < b[1] ? 1 : -1))
    .slice(0, keep);
}

describe('foldLeaf', () => {
  it('keeps the latest occurrences, in whatever order and however often they come', () => {
    fc.assert(
      fc.property(keeping, occurrences, occurrences, (leaf, met, again) => {
        const repeated = [...met, ...again.filter((one) => met.includes(one)), ...met];
        expect(foldAll(leaf, met)).toEqual(naive(leaf, met));
        expect(foldAll(leaf, repeated.reverse())).toEqual(naive(leaf, met));
      }),
    );
  });

  it('gives back the same object when it knows the occurrence already', () => {
    fc.assert(
      fc.property(keeping, occurrences, (leaf, met) => {
        const state = foldAll(leaf, met);
        for (const one of met) expect(foldLeaf(state, leaf, one)).toBe(state);
      }),
    );
  });
});

describe('mergeLeaves', () => {
  it('equals the fold of all occurrences, however they were divided', () => {
    fc.assert(
      fc.property(keeping, fc.array(occurrences, { maxLength: 4 }), (leaf, parts) => {
        const states = parts.map((part) => foldAll(leaf, part));
        expect(mergeLeaves(leaf, states)).toEqual(foldAll(leaf, parts.flat()));
      }),
    );
  });

  it('is associative, commutative and idempotent', () => {
    fc.assert(
      fc.property(keeping, occurrences, occurrences, occurrences, (leaf, x, y, z) => {
        const [a, b, c] = [foldAll(leaf, x), foldAll(leaf, y), foldAll(leaf, z)];
        const merge = (...states: LeafState[]) => mergeLeaves(leaf, states);
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(a, a)).toEqual(a);
      }),
    );
  });
});
