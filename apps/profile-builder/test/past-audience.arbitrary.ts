import { MERGE_STRATEGIES, type AudienceDefinition, type Merges } from '@tributary/audiences';
import fc from 'fast-check';
import { comparison, filter, selection } from './defined-trait.arbitrary.js';
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
const trait = fc.record({ kind: fc.constant('trait' as const), name: fc.constantFrom(...NAMES), comparison });

/** Definitions over such events as past people have, and traits of the same names. */
export const definitionArbitrary: fc.Arbitrary<AudienceDefinition> = fc.letrec<{
  tree: AudienceDefinition;
}>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'xsmall', withCrossShrink: true },
    fc.oneof(event, trait),
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
