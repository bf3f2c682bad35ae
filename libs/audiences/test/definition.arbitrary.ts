import fc from 'fast-check';
import { numberOf } from '../src/decimals.js';
import type {
  AudienceDefinition,
  Comparison,
  Condition,
  CountComparison,
  EventCondition,
  Filter,
  Literal,
  OrderOperator,
  TimelessComparison,
  ValueCondition,
} from '../src/definition.js';
import { conditionOn, isOfCounts } from '../src/normal-form.js';
import { traitArbitrary } from './trait.arbitrary.js';

/** Definitions in normal form, for property tests: small alphabets, so that things meet. */

const order = fc.constantFrom<OrderOperator>('=', '!=', '>', '>=', '<', '<=');
const text = fc.oneof(fc.constantFrom('a', 'b', '10', "it's", 'x\\y\n'), fc.string({ unit: 'binary' }));
const name = fc.oneof(
  fc.constantFrom('A', 'B', 'a.b', 'it’s "x"'),
  text.filter((t) => t !== ''),
);
const literal: fc.Arbitrary<Literal> = fc.oneof(
  text,
  fc.integer({ min: -3, max: 12 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }).map((n) => numberOf(String(n))),
  fc.boolean(),
);

const date = fc.constantFrom('2026-06-01', '2026-06-01T12:00:00.5Z', '1970-01-01T00:00:08+00:00');

export const comparisonArbitrary: fc.Arbitrary<TimelessComparison> = fc.oneof(
  fc.record({ op: fc.constantFrom('before_date', 'after_date'), value: date }),
  fc.record({ op: order, value: literal }),
  fc.record({ op: fc.constantFrom('exists', 'absent') }),
  fc.record({
    op: fc.constantFrom('one_of', 'none_of'),
    values: fc.array(literal, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    op: fc.constantFrom('contains', 'omits', 'starts_with', 'ends_with'),
    values: fc.array(text, { minLength: 1, maxLength: 3 }),
  }),
);

/** So many seconds at most. */
export const ageArbitrary = (max: number): fc.Arbitrary<Comparison> =>
  fc.record({
    op: fc.constantFrom('within_last', 'before_last', 'within_next', 'after_next'),
    ms: fc.integer({ min: 1, max }).map((seconds) => seconds * 1_000),
  });

const anyComparison = fc.oneof(comparisonArbitrary, ageArbitrary(1_000_000));

type Tree<T> = { kind: 'and' | 'or'; operands: Tree<T>[] } | { kind: 'not'; operand: Tree<T> } | T;

/** Trees over aggregates, with neither AND in AND nor OR in OR. */
function treeOf<T extends { readonly kind: string }>(aggregate: fc.Arbitrary<T>): fc.Arbitrary<Tree<T>> {
  const level = (kind: 'and' | 'or' | undefined, depth: number): fc.Arbitrary<Tree<T>> => {
    if (depth === 0) return aggregate;
    const joined = (['and', 'or'] as const)
      .filter((other) => other !== kind)
      .map((other) =>
        fc.record({
          kind: fc.constant(other),
          operands: fc.array(level(other, depth - 1), { minLength: 2, maxLength: 3 }),
        }),
      );
    const not = fc.record({ kind: fc.constant('not' as const), operand: level(undefined, depth - 1) });
    return fc.oneof(aggregate, not, ...joined);
  };
  return level(undefined, 3);
}

export const filterArbitrary: fc.Arbitrary<Filter> = treeOf(
  fc.record({
    kind: fc.constantFrom('property' as const, 'context' as const),
    path: name,
    comparison: comparisonArbitrary,
  }),
);

const selector = fc.oneof(
  fc.record({ call: fc.constant('track' as const), name }),
  fc.record({ call: fc.constantFrom('page' as const, 'screen' as const), name }),
  fc.record({
    call: fc.constantFrom(
      'any' as const,
      'page' as const,
      'screen' as const,
      'identify' as const,
      'group' as const,
    ),
  }),
);

/** Event conditions; the windows and counts are the caller's, so that they fit its events. */
export function eventArbitrary(
  window: fc.Arbitrary<number | undefined>,
  bound: fc.Arbitrary<number>,
): fc.Arbitrary<EventCondition> {
  const count: fc.Arbitrary<CountComparison> = fc.record({ op: order, value: bound });
  return fc
    .record({ selector, where: fc.option(filterArbitrary, { nil: undefined }), window, count })
    .map((parts) => ({
      kind: 'event',
      ...parts.selector,
      ...(parts.where ? { where: parts.where } : {}),
      ...(parts.window === undefined ? {} : { withinMs: parts.window }),
      count: parts.count,
    }));
}

const trait = fc.record({ kind: fc.constant('trait' as const), name, comparison: anyComparison });
const random = fc.record({
  kind: fc.constant('random' as const),
  percent: fc.integer({ min: 1, max: 1_000_000 }).map((parts) => parts / 10_000),
});
const audience = fc.record({ kind: fc.constant('audience' as const), key: name });

/** Conditions on values, in normal form: counts are compared as the language compares them. */
export const valueArbitrary = (
  comparison: fc.Arbitrary<Comparison> = anyComparison,
): fc.Arbitrary<EventCondition | ValueCondition> =>
  fc
    .record({ trait: traitArbitrary, comparison, op: order, count: fc.constantFrom(0, 1, 2, 101, 5_000) })
    .map(({ trait: of, comparison: other, op, count }) =>
      conditionOn(of, of.reducer.op === 'count' && !isOfCounts(other) ? { op, value: count } : other),
    );

/** Definitions over event conditions of the caller's, and over conditions of all other kinds. */
export function definitionArbitrary(
  event: fc.Arbitrary<EventCondition> = eventArbitrary(
    fc.option(
      fc.integer({ min: 1, max: 1_000_000 }).map((seconds) => seconds * 1_000),
      { nil: undefined },
    ),
    fc.integer({ min: 0, max: 100 }),
  ),
): fc.Arbitrary<AudienceDefinition> {
  return treeOf<AudienceDefinition & Condition>(fc.oneof(event, trait, random, audience, valueArbitrary()));
}

/** Definitions that name no other audience, over event conditions of the caller's. */
export function resolvedArbitrary(event: fc.Arbitrary<EventCondition>): fc.Arbitrary<AudienceDefinition> {
  return definitionOver(event, trait, random, valueArbitrary());
}

/** Definitions over these conditions. */
export function definitionOver(...conditions: fc.Arbitrary<Condition>[]): fc.Arbitrary<AudienceDefinition> {
  return treeOf<AudienceDefinition & Condition>(fc.oneof(...conditions));
}
