import fc from 'fast-check';
import type { ComputedTrait, Reducer, TraitWindow } from '../src/computed/computed-trait.js';

const value = { from: 'property', path: 'x' } as const;
const windowArbitrary: fc.Arbitrary<TraitWindow> = fc.oneof(
  fc.constantFrom(1_000, 3_000, 4_000).map((toMs) => ({ toMs })),
  fc
    .tuple(fc.constantFrom(1_000, 2_000), fc.constantFrom(1_000, 3_000))
    .map(([fromMs, more]) => ({ fromMs, toMs: fromMs + more })),
);

const anyReducer: fc.Arbitrary<Reducer> = fc.oneof(
  fc.constantFrom<Reducer>(
    ...[{ op: 'count' } as const, { op: 'sum', value } as const, { op: 'avg', value } as const],
    ...[{ op: 'min', value } as const, { op: 'max', value } as const],
    ...(['first', 'last', 'unique', 'unique_count'] as const).map((op) => ({ op, value })),
  ),
  fc
    .integer({ min: 1, max: 3 })
    .map((minimumFrequency) => ({ op: 'mode' as const, value, minimumFrequency })),
);
const ofAllTime = fc.constantFrom<Reducer>({ op: 'first_at' }, { op: 'time_since_first' });
const stage: fc.Arbitrary<Reducer> = fc
  .tuple(fc.constantFrom(1_000, 3_000), fc.constantFrom(1_000, 2_000), fc.constantFrom(1_000, 4_000))
  .map(([newMs, atRiskMs, more]) => ({
    ...{ op: 'stage' as const, newMs, atRiskMs, dormantMs: Math.max(newMs, atRiskMs) + more },
  }));
const ofTheLast = fc.constantFrom<Reducer>({ op: 'last_at' }, { op: 'time_since_last' });

const trait = (reducer: Reducer, window?: TraitWindow): ComputedTrait => ({
  ...{ call: 'track', name: 'A', reducer },
  ...(window && { window }),
});

/** Traits of every reducer, over all time and in every kind of window; the values are those of one property. */
export const traitArbitrary: fc.Arbitrary<ComputedTrait> = fc.oneof(
  anyReducer.map((reducer) => trait(reducer)),
  fc.oneof(ofAllTime, ofTheLast, stage).map((reducer) => trait(reducer)),
  fc.tuple(anyReducer, windowArbitrary).map(([reducer, window]) => trait(reducer, window)),
  fc.tuple(ofTheLast, fc.constantFrom(1_000, 3_000)).map(([reducer, toMs]) => trait(reducer, { toMs })),
);
