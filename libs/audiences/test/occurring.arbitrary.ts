import fc from 'fast-check';
import type { Occurring } from '../src/aggregates/aggregate-kinds.js';
import type { Aggregate, AggregateKind } from '../src/aggregates/typed-aggregate.js';
import { nameOf } from '../src/aggregates/typed-aggregate.js';

/** Values of a customer's: numbers of many forms, texts, lists, and what is none. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0.1, 0.2, 1e-12, '3', '1e2', '9'.repeat(29), '9'.repeat(30)),
  fc.constantFrom('a', 'b', 'z'.repeat(300), `${'z'.repeat(300)}y`, '', true, null, undefined),
  fc.array(fc.constantFrom<unknown>(1, 2, 'a', null), { maxLength: 3 }),
  fc.constantFrom({ of: 1 }, { number: '0.1000000000000000055' }, { number: 'hello' }),
);

/** Occurrences in few seconds, with few ids, so that things meet. */
export const occurringArbitrary: fc.Arbitrary<Occurring> = fc.record({
  time: fc.oneof(
    fc.integer({ min: 0, max: 12_000 }),
    fc.integer({ min: 0, max: 12 }).map((n) => n * 1_000),
  ),
  receivedAt: fc.integer({ min: 0, max: 2 }),
  sequence: fc.integer({ min: 0, max: 1 }),
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'é', '𝄞'),
  value,
});

/** The log of one identifier: which of its events an aggregate selects. */
export const logArbitrary: fc.Arbitrary<readonly Occurring[]> = fc.array(occurringArbitrary, {
  maxLength: 14,
});

function aggregate(kind: AggregateKind, value?: Aggregate['value']): Aggregate {
  const parts = { call: 'track' as const, name: 'A', kind, ...(value ? { value } : {}) };
  return { hash: nameOf(parts), ...parts };
}

const price = { from: 'property', path: 'x' } as const;

/** One aggregate of each kind and way to read values. */
export const AGGREGATES = {
  latest: aggregate('latest', price),
  counted: aggregate('latest'),
  earliest: aggregate('earliest', price),
  total: aggregate('total', price),
  totalOfTexts: aggregate('total', { ...price, as: 'text' }),
  tiles: aggregate('tiles', price),
  values: aggregate('values', price),
  valueTiles: aggregate('value_tiles', price),
} as const;

/** Two bounds of a kind, the second not the lesser. */
export function boundsArbitrary({ kind }: Aggregate): fc.Arbitrary<readonly [number, number]> {
  if (kind === 'total') return fc.constant([0, 0]);
  if (kind === 'tiles' || kind === 'value_tiles')
    return fc.constantFrom<[number, number]>([4_000, 4_000], [4_000, 2_880_000], [1_000, 2_160_000]);
  return fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }))
    .map(([a, more]) => [a, a + more]);
}
