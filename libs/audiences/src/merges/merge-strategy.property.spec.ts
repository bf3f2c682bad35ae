import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { compileAggregate } from '../aggregate-matching.js';
import {
  beginAggregate,
  foldOccurrence,
  knownOf,
  mergeBase,
  mergeKnown,
  type FoldedAggregate,
} from '../aggregates/folded-aggregate.js';
import { compileValue, type Aggregate } from '../aggregates/typed-aggregate.js';
import { aggregatesOfMerge, mergedTrait, MERGE_STRATEGIES, type MergeStrategy } from './merge-strategy.js';

/** An identify call of one of three identifiers; undefined: without the trait. */
interface Call {
  readonly who: number;
  readonly at: number;
  readonly receivedAt: number;
  readonly value: unknown;
}

/** The value does not matter to a strategy only by its type: all of them are sent to each. */
const values = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', [], {}, true, false, 'b', 'a', 'B', '10', '9', '+9.0', '1e1'),
  fc.constantFrom<unknown>('2026-01-01', '2026-01-01T00:00:00Z', '2025-12-31T23:30:00-01:00', '2026-02-30'),
  fc.constantFrom<unknown>([1, 'x'], ['x', null, ['y']], { a: { b: [1] } }, [{ a: 1 }], 0.1, 0.2, -3),
  fc.integer({ min: -5, max: 5 }),
);
const calls = fc
  .array(
    fc.record({
      who: fc.integer({ min: 0, max: 2 }),
      at: fc.integer({ min: 0, max: 4 }),
      receivedAt: fc.integer({ min: 0, max: 4 }),
      value: values,
    }),
    { maxLength: 14 },
  )
  .map((all): readonly Call[] => all);
const strategies = fc.constantFrom(...MERGE_STRATEGIES.filter((one) => one !== 'latest'));

const idOf = (i: number) => `m${String(i).padStart(2, '0')}`;

function occurrencesIn(all: readonly Call[], aggregate: Aggregate, indices: readonly number[]) {
  const [matches, valueOf] = [compileAggregate(aggregate), compileValue(aggregate)];
  return indices.flatMap((i) => {
    const { at, receivedAt, value } = all[i]!;
    const event = { type: 'identify', traits: value === undefined ? {} : { 'a.b': value } };
    if (!matches(event)) return [];
    const ids = { id: idOf(i), messageId: idOf(i), sourceId: 's' };
    return [{ time: at, receivedAt, sequence: 0, ...ids, value: valueOf(event) }];
  });
}

interface Reading {
  /** The calls in the order in which they come. */
  readonly order: readonly number[];
  /** So many of each identifier were before the activation, and come as a seed. */
  readonly before: number;
  /** Those of one person, in the order in which they are attached. */
  readonly attached: readonly number[];
}

function stateOf(all: readonly Call[], { aggregate, bound }: ReturnType<typeof aggregatesOfMerge>[number]) {
  return ({ order, before }: Reading, who: number): FoldedAggregate => {
    const own = order.filter((i) => all[i]?.who === who);
    const fold = (state: FoldedAggregate, indices: readonly number[]) =>
      occurrencesIn(all, aggregate, indices).reduce(
        (one, next) => foldOccurrence(aggregate, one, next),
        state,
      );
    const seed = fold(beginAggregate(0, bound), own.slice(0, before)).live;
    const live = fold(beginAggregate(0, bound), own.slice(before));
    return mergeBase(aggregate, live, { generation: 0, version: 1, part: seed });
  };
}

function merged(all: readonly Call[], strategy: MergeStrategy, reading: Reading) {
  const wanted = aggregatesOfMerge('a.b', strategy);
  return mergedTrait('a.b', strategy, (aggregate) => {
    const one = wanted.find((each) => each.aggregate.hash === aggregate.hash);
    if (!one) throw new Error('nobody asked for it');
    const state = stateOf(all, one);
    const known = reading.attached.map((who) => knownOf(aggregate, state(reading, who)));
    return known.some(({ part }) => part.entries.length > 0) ? mergeKnown(aggregate, known) : undefined;
  }).fact;
}

const byTime = (all: readonly Call[]) => (a: number, b: number) => {
  const [x, y] = [all[a]!, all[b]!];
  return x.at - y.at || x.receivedAt - y.receivedAt || a - b;
};

/** By the letter of the page: `docs/traits.md`. */
function naive(all: readonly Call[], strategy: MergeStrategy, attached: readonly number[]): unknown {
  const sent = all
    .map(({ value, who }, i) => ({ value, who, i }))
    .filter(({ value, who }) => attached.includes(who) && value !== undefined && value !== null)
    .sort((a, b) => byTime(all)(a.i, b.i));
  const elements = sent.flatMap(({ value }) =>
    Array.isArray(value) ? (value.flat(9) as unknown[]) : [value],
  );
  const numbers = (of: readonly unknown[]) => of.filter((one) => isNumber(one)).map(Number);
  switch (strategy) {
    case 'earliest':
      return sent[0]?.value;
    case 'non_empty':
      return sent.findLast(({ value }) => value !== '' && !(Array.isArray(value) && value.length === 0))
        ?.value;
    case 'max':
    case 'min': {
      const scalars = sent.map(({ value }) => value).filter((one) => typeof one !== 'object');
      const best = [isNumber, isInstant, isText, isBoolean]
        .map((is) => scalars.filter(is))
        .find((one) => one.length > 0);
      if (!best) return undefined;
      const rankOf = (one: unknown) =>
        isNumber(one) ? Number(one) : isInstant(one) ? Date.parse(String(one)) : String(one);
      const ranks = best.map(rankOf);
      const extreme = ranks.reduce((a, b) => ((strategy === 'max' ? b > a : b < a) ? b : a));
      return best.find((one) => rankOf(one) === extreme);
    }
    case 'union': {
      const texts = new Map<string, unknown>();
      for (const one of elements.filter((each) => typeof each !== 'object' && each !== ''))
        if (typeof one !== 'string' || !texts.has(one)) texts.set(String(one), one);
      const list = [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
      return list.length > 0 ? list : undefined;
    }
    case 'add': {
      const all = numbers(elements);
      return all.length > 0 ? Math.round(all.reduce((a, b) => a + b, 0) * 1e6) / 1e6 : undefined;
    }
    case 'latest':
      return undefined;
  }
}

const isNumber = (one: unknown) =>
  typeof one === 'number' || (typeof one === 'string' && /^[+-]?\d+(\.\d+)?(e\d+)?$/.test(one));
const isInstant = (one: unknown) =>
  typeof one === 'string' && /^202\d-\d\d-\d\d/.test(one) && one !== '2026-02-30';
const isText = (one: unknown) => typeof one === 'string' && !isNumber(one) && !isInstant(one);
const isBoolean = (one: unknown) => typeof one === 'boolean';

const inOrder = (all: readonly Call[]) => all.map((_, i) => i);

describe('a rule of a trait', () => {
  it('equals the naive fold over everybody who is one person, in whatever order calls come and wherever history ends', () => {
    fc.assert(
      fc.property(
        calls.chain((all) =>
          fc.record({
            all: fc.constant(all),
            order: fc.shuffledSubarray(inOrder(all), { minLength: all.length }),
            before: fc.integer({ min: 0, max: 6 }),
            attached: fc.shuffledSubarray([0, 1, 2], { minLength: 1 }),
          }),
        ),
        strategies,
        ({ all, ...reading }, strategy) => {
          const found = merged(all, strategy, reading)?.value ?? undefined;
          expect(found).toEqual(naive(all, strategy, reading.attached));
        },
      ),
      { numRuns: propertyRuns(300) },
    );
  });

  it('says where a value is from that one call gave: it sent that value', () => {
    fc.assert(
      fc.property(calls, strategies, (all, strategy) => {
        const fact = merged(all, strategy, { order: inOrder(all), before: 0, attached: [0, 1, 2] });
        if (!fact) return;
        const call = all[Number(fact.messageId.slice(1))];
        expect(call?.at).toBe(fact.at);
        if (!fact.isOfSeveral) expect(call?.value).toEqual(fact.value);
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it('comes to the same where calls are read again: what picks one call keeps one', () => {
    fc.assert(
      fc.property(
        calls,
        fc.constantFrom<MergeStrategy>('earliest', 'non_empty', 'max', 'min'),
        (all, strategy) => {
          const once = { order: inOrder(all), before: 0, attached: [0, 1, 2] };
          const twice = { ...once, order: [...once.order, ...once.order] };
          expect(merged(all, strategy, twice)).toEqual(merged(all, strategy, once));
        },
      ),
      { numRuns: propertyRuns(100) },
    );
  });
});
