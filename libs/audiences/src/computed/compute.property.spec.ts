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
import { computeTrait } from './compute.js';
import type { Aggregate } from '../aggregates/typed-aggregate.js';
import type { ComputedTrait, ComputedValue } from './computed-trait.js';
import { aggregatesOfTrait } from './trait-aggregate.js';

/** The events of each fragment of a person, and how its aggregate was folded: activated, grown and sown anywhere. */
const personArbitrary = traitArbitrary.chain((trait) => {
  const isOfOne = ['latest', 'earliest'].includes(aggregatesOfTrait(trait)[0].aggregate.kind);
  const hasValue = ({ value }: Occurring) => compares(value, { op: 'exists' });
  const ofTrait = (log: readonly Occurring[]) =>
    isOfOne && 'value' in trait.reducer ? log.filter(hasValue) : log;
  const life = eachIdOnce.map(ofTrait).chain((log) => fc.tuple(fc.constant(log), lifeArbitrary(log.length)));
  const more = fc.constantFrom(0, 0, 2_880_000);
  return fc.tuple(fc.constant(trait), more, fc.array(life, { minLength: 1, maxLength: 3 }));
});

function boundsOf(trait: ComputedTrait, more: number): readonly [number, number] {
  const [{ aggregate, bound }] = aggregatesOfTrait(trait);
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
        const bounds = boundsOf(trait, more);
        const all = aggregatesOfTrait(trait).map(({ aggregate }, i) => {
          const those = i === 0 ? bounds : ([1, 1] as const);
          const states = fragments.map(([log, life]) => foldLog(aggregate, those, log, life, true));
          const known = states.map((state) => knownOf(aggregate, state));
          return [aggregate.hash, mergeKnown(aggregate, known)] as const;
        });
        const byHash = new Map(all);
        const known = ({ hash }: Aggregate) => byHash.get(hash);
        const events = fragments.flatMap(([log]) => log);
        const grain = grainOf(bounds[1]);
        const starts = events.map((event) => ({ ...event, time: Math.floor(event.time / grain) * grain }));
        const { fromMs = 0, toMs = 0 } = trait.window ?? {};
        const silences = trait.reducer.op === 'stage' ? trait.reducer : undefined;
        const borders = [silences?.newMs, silences?.atRiskMs, silences?.dormantMs].flatMap((ms) =>
          ms === undefined ? [] : instantsOf(events, ms),
        );
        const ofWindow = [...instantsOf([...events, ...starts], toMs), ...instantsOf(starts, fromMs)];
        for (const at of [...ofWindow, ...borders]) {
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
        const { value, changesAt } = computeTrait(trait, () => undefined, 1_000);
        const isNumber = ['count', 'sum', 'unique_count'].includes(trait.reducer.op);
        expect([value, changesAt]).toEqual([isNumber ? 0 : undefined, undefined]);
      }),
    );
  });
});
