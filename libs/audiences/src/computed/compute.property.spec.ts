import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { eachIdOnce, instantsOf } from '../../test/aggregated-people.js';
import { foldLog, lifeArbitrary } from '../../test/folding.js';
import { naiveTrait } from '../../test/naive-trait.js';
import { traitArbitrary } from '../../test/trait.arbitrary.js';
import { grainOf, type Occurring } from '../aggregates/aggregate-kinds.js';
import { knownOf, mergeKnown } from '../aggregates/folded-aggregate.js';
import { compares } from '../values.js';
import { computeTrait, type ComputedValue } from './compute.js';
import type { ComputedTrait } from './computed-trait.js';
import { aggregateOfTrait } from './trait-aggregate.js';

/** The events of each fragment of a person, and how its aggregate was folded: activated, grown and sown anywhere. */
const personArbitrary = traitArbitrary.chain((trait) => {
  const isOfOne = ['latest', 'earliest'].includes(aggregateOfTrait(trait).aggregate.kind);
  const hasValue = ({ value }: Occurring) => compares(value, { op: 'exists' });
  const ofTrait = (log: readonly Occurring[]) =>
    isOfOne && 'value' in trait.reducer ? log.filter(hasValue) : log;
  const life = eachIdOnce.map(ofTrait).chain((log) => fc.tuple(fc.constant(log), lifeArbitrary(log.length)));
  const more = fc.constantFrom(0, 0, 2_880_000);
  return fc.tuple(fc.constant(trait), more, fc.array(life, { minLength: 1, maxLength: 3 }));
});

function boundsOf(trait: ComputedTrait, more: number): readonly [number, number] {
  const { aggregate, bound } = aggregateOfTrait(trait);
  const isOfWindow = aggregate.kind === 'tiles' || aggregate.kind === 'value_tiles';
  return [bound, isOfWindow ? bound + more : bound];
}

/** In words, as the naive computation names values. */
const asTexts = (value: ComputedValue | undefined, trait: ComputedTrait) => {
  if (!('value' in trait.reducer) || ['sum', 'avg', 'min', 'max', 'unique_count'].includes(trait.reducer.op))
    return value;
  return typeof value === 'object' ? value.map(String) : value === undefined ? undefined : String(value);
};

describe('a computed trait', () => {
  it('is what all events come to, at every instant, however they came: live, sown, in fragments', () => {
    fc.assert(
      fc.property(personArbitrary, ([trait, more, fragments]) => {
        const { aggregate } = aggregateOfTrait(trait);
        const bounds = boundsOf(trait, more);
        const known = mergeKnown(
          aggregate,
          fragments.map(([log, life]) => knownOf(aggregate, foldLog(aggregate, bounds, log, life, true))),
        );
        const events = fragments.flatMap(([log]) => log);
        const grain = grainOf(bounds[1]);
        const starts = events.map((event) => ({ ...event, time: Math.floor(event.time / grain) * grain }));
        const { fromMs = 0, toMs = 0 } = trait.window ?? {};
        for (const at of [...instantsOf([...events, ...starts], toMs), ...instantsOf(starts, fromMs)]) {
          const { value, changesAt = Infinity } = computeTrait(trait, known, at);
          expect(asTexts(value, trait)).toEqual(naiveTrait(trait, events, at, bounds[1]));
          if (trait.reducer.op.startsWith('time_since')) continue;
          const later = at + 500;
          if (later < changesAt)
            expect(naiveTrait(trait, events, later, bounds[1])).toEqual(asTexts(value, trait));
        }
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it('is nothing, or nought, where no event matched', () => {
    fc.assert(
      fc.property(traitArbitrary, (trait) => {
        const { value, changesAt } = computeTrait(trait, undefined, 1_000);
        const isNumber = ['count', 'sum', 'unique_count'].includes(trait.reducer.op);
        expect([value, changesAt]).toEqual([isNumber ? 0 : undefined, undefined]);
      }),
    );
  });
});
