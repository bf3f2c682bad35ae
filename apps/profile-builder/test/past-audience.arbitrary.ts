import {
  MERGE_STRATEGIES,
  type AudienceDefinition,
  type Comparison,
  type Merges,
} from '@tributary/audiences';
import fc from 'fast-check';
import { comparison, definedTraitArbitrary, filter, selection } from './defined-trait.arbitrary.js';
import { personArbitrary, WINDOWS_MS, type PastEvent } from './past-people.arbitrary.js';

const event = fc
  .record({
    selected: selection,
    where: fc.option(filter, { nil: undefined }),
    withinMs: fc.constantFrom(undefined, ...WINDOWS_MS),
    count: fc.record({
      op: fc.constantFrom('=', '!=', '>', '>=', '<', '<='),
      value: fc.integer({ min: 0, max: 3 }),
    }),
  })
  .map(({ selected, where, withinMs, count }) => ({
    kind: 'event' as const,
    ...selected,
    ...(where && { where }),
    ...(withinMs !== undefined && { withinMs }),
    count,
  }));

const NAMES = ['x', 'x', 'o', 'o.x', 'o.y', 'o[0].x', 'x.0', 'n'] as const;
const DAY_MS = 86_400_000;
const age: fc.Arbitrary<Comparison> = fc.record({
  op: fc.constantFrom('within_last', 'before_last', 'within_next', 'after_next'),
  ms: fc.constantFrom(...WINDOWS_MS, 400 * DAY_MS),
});
const timed = fc.oneof({ arbitrary: comparison, weight: 3 }, { arbitrary: age, weight: 1 });
const trait = fc.record({
  ...{ kind: fc.constant('trait' as const), name: fc.constantFrom(...NAMES) },
  comparison: timed,
});
const value = fc
  .record({ computed: definedTraitArbitrary, comparison: timed })
  .map(({ computed, comparison: compared }) => ({
    ...{ kind: 'value' as const, ...computed },
    comparison: compared,
  }));
const random = fc.record({
  kind: fc.constant('random' as const),
  percent: fc.constantFrom(0.5, 10, 50, 100),
});

/** Definitions over such events as past people have, and traits of the same names. */
export const definitionArbitrary: fc.Arbitrary<AudienceDefinition> = fc.letrec<{
  tree: AudienceDefinition;
}>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'xsmall', withCrossShrink: true },
    fc.oneof(event, trait, value, random),
    fc.record({ kind: fc.constant('not' as const), operand: tie('tree') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      operands: fc.array(tie('tree'), { minLength: 2, maxLength: 2 }),
    }),
  ),
})).tree;

/** Rules for some of the traits. */
export const mergesArbitrary: fc.Arbitrary<Merges> = fc.dictionary(
  fc.constantFrom('x', 'o', 'o.x'),
  fc.constantFrom(...MERGE_STRATEGIES),
  { maxKeys: 2, noNullPrototype: true },
);

/** Of some people an event comes again under its id, through the same identifier or the other. */
export const repeatingArbitrary: fc.Arbitrary<readonly PastEvent[]> = fc
  .tuple(personArbitrary, fc.infiniteStream(fc.boolean()))
  .map(([person, repeats]) =>
    person.map((one, i) => (i > 0 && repeats.next().value ? { ...one, id: `${i - 1}` } : one)),
  );
