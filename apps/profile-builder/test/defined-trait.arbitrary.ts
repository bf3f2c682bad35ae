import type { ComputedTrait, Filter, Literal, Reducer, TimelessComparison } from '@tributary/audiences';
import fc from 'fast-check';
import { PATHS, WINDOWS_MS } from './past-people.arbitrary.js';

const literal = fc.constantFrom<Literal>(
  ...[1, 3, 0.1, -2, 100, '3', 'a', 'b', '', 'true', true, false, '2026-06-01', '2026-06-01T00:00:00Z'],
  ...['0001-01-01', { number: '0.1000000000000000055' }, 1e21, 'Ünï'],
);
const texts = fc.array(fc.constantFrom('a', '', 'n', '3', '"', '\\'), { minLength: 1, maxLength: 2 });
const literals = fc.array(literal, { minLength: 1, maxLength: 2 });
export const comparison: fc.Arbitrary<TimelessComparison> = fc.oneof(
  fc.record({ op: fc.constantFrom('=', '!=', '>', '>=', '<', '<='), value: literal }),
  fc.record({ op: fc.constantFrom('exists', 'absent') }),
  fc.record({
    op: fc.constantFrom('before_date', 'after_date'),
    value: fc.constantFrom('2026-06-01', '2026-06-01T00:00:00.5Z'),
  }),
  fc.record({ op: fc.constantFrom('one_of', 'none_of'), values: literals }),
  fc.record({ op: fc.constantFrom('contains', 'omits', 'starts_with', 'ends_with'), values: texts }),
);
const path = fc.constantFrom(...PATHS);
const test: fc.Arbitrary<Filter> = fc.record({
  kind: fc.constantFrom('property', 'property', 'context'),
  path,
  comparison,
});
export const filter: fc.Arbitrary<Filter> = fc.oneof(
  test,
  test.map((operand) => ({ kind: 'not' as const, operand })),
  fc
    .tuple(fc.constantFrom('and' as const, 'or' as const), test, test)
    .map(([kind, a, b]) => ({ kind, operands: [a, b] })),
);

const value = path.map((one) => ({ from: 'property' as const, path: one }));
const ofValues: fc.Arbitrary<Reducer> = fc.oneof(
  fc.constant({ op: 'count' as const }),
  fc.record({
    op: fc.constantFrom('sum', 'avg', 'min', 'max', 'first', 'last', 'unique', 'unique_count'),
    value,
  }),
  fc.record({ op: fc.constantFrom('min', 'max'), value, as: fc.constant('text' as const) }),
  fc.record({ op: fc.constant('mode' as const), value, minimumFrequency: fc.constantFrom(1, 2) }),
);
const ofAllTime: fc.Arbitrary<Reducer> = fc.oneof(
  fc.record({ op: fc.constantFrom('first_at', 'last_at', 'time_since_first', 'time_since_last') }),
  fc.constant({ op: 'stage' as const, newMs: 60_000, atRiskMs: 120_000, dormantMs: 86_400_000 }),
);
const [minute, days] = WINDOWS_MS;
const window = fc.constantFrom({ toMs: minute }, { toMs: days }, { fromMs: minute, toMs: days }, undefined);

export const selection = fc.constantFrom(
  ...[
    { call: 'track' as const, name: 'A' },
    { call: 'track' as const, name: 'A' },
  ],
  ...[{ call: 'any' as const }, { call: 'identify' as const }, { call: 'page' as const }],
);

/** Traits of every reducer, with and without windows and filters. */
export const definedTraitArbitrary: fc.Arbitrary<ComputedTrait> = fc
  .record({
    selection,
    where: fc.option(filter, { nil: undefined, freq: 1 }),
    reduced: fc.oneof(
      fc.record({ reducer: ofValues, window }),
      fc.record({ reducer: ofAllTime, window: fc.constant(undefined) }),
      fc.record({
        reducer: fc.record({ op: fc.constantFrom('last_at' as const, 'time_since_last' as const) }),
        window: fc.constantFrom({ toMs: minute }, { toMs: days }),
      }),
    ),
  })
  .map(({ selection: of, where, reduced: { reducer, window: within } }) => ({
    ...of,
    ...(where && { where }),
    ...(within && { window: within }),
    reducer,
  }));
