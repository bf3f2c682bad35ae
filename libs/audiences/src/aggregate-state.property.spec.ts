import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldAggregate, mergeAggregates, type AggregateState } from './aggregate-state.js';

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

const foldAll = (aggregate: { readonly keep: number }, met: readonly Met[]): AggregateState =>
  met.reduce<AggregateState>((state, one) => foldAggregate(state, aggregate, one), []);

/** Independent of the fold: the latest time of each id, sorted, cut. */
function naive({ keep }: { readonly keep: number }, met: readonly Met[]): AggregateState {
  const latest = new Map<string, number>();
  for (const { time, id } of met) latest.set(id, Math.max(time, latest.get(id) ?? 0));
  return [...latest]
    .map(([id, time]) => [time, id] as const)
    .sort((a, b) => b[0] - a[0] || (a[1] < b[1] ? 1 : -1))
    .slice(0, keep);
}

describe('foldAggregate', () => {
  it('keeps the latest occurrences, in whatever order and however often they come', () => {
    fc.assert(
      fc.property(keeping, occurrences, occurrences, (aggregate, met, again) => {
        const repeated = [...met, ...again.filter((one) => met.includes(one)), ...met];
        expect(foldAll(aggregate, met)).toEqual(naive(aggregate, met));
        expect(foldAll(aggregate, repeated.reverse())).toEqual(naive(aggregate, met));
      }),
    );
  });

  it('gives back the same object when it knows the occurrence already', () => {
    fc.assert(
      fc.property(keeping, occurrences, (aggregate, met) => {
        const state = foldAll(aggregate, met);
        for (const one of met) expect(foldAggregate(state, aggregate, one)).toBe(state);
      }),
    );
  });
});

describe('mergeAggregates', () => {
  it('equals the fold of all occurrences, however they were divided', () => {
    fc.assert(
      fc.property(keeping, fc.array(occurrences, { maxLength: 4 }), (aggregate, parts) => {
        const states = parts.map((part) => foldAll(aggregate, part));
        expect(mergeAggregates(aggregate, states)).toEqual(foldAll(aggregate, parts.flat()));
      }),
    );
  });

  it('is associative, commutative and idempotent', () => {
    fc.assert(
      fc.property(keeping, occurrences, occurrences, occurrences, (aggregate, x, y, z) => {
        const [a, b, c] = [foldAll(aggregate, x), foldAll(aggregate, y), foldAll(aggregate, z)];
        const merge = (...states: AggregateState[]) => mergeAggregates(aggregate, states);
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(a, a)).toEqual(a);
      }),
    );
  });
});
