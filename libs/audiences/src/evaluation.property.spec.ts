import { describe, expect, it } from '@jest/globals';
import { digest } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import {
  ageArbitrary,
  comparisonArbitrary,
  definitionOver,
  valueArbitrary,
} from '../test/definition.arbitrary.js';
import { factsOf, traitOf, type Happened } from '../test/evaluated-people.js';
import { naiveTrait } from '../test/naive-trait.js';
import { wantedBy } from './aggregate.js';
import { aggregatesOfTrait } from './computed/trait-aggregate.js';
import type {
  AudienceDefinition,
  Comparison,
  EventCondition,
  TraitCondition,
  ValueCondition,
} from './definition.js';
import { evaluate } from './evaluation.js';
import type { TraitFact } from './facts.js';
import { compares } from './values.js';

const SECOND = 1_000;
const NAMES = ['A', 'B'];

const condition: fc.Arbitrary<EventCondition> = fc
  .record({
    name: fc.constantFrom(...NAMES),
    where: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    window: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    op: fc.constantFrom(
      '=' as const,
      '!=' as const,
      '>' as const,
      '>=' as const,
      '<' as const,
      '<=' as const,
    ),
    value: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ name, where, window, op, value }) => ({
    kind: 'event',
    call: 'track',
    name,
    ...(where === undefined
      ? {}
      : { where: { kind: 'property', path: 'x', comparison: { op: '>=', value: where } } }),
    ...(window === undefined ? {} : { withinMs: window * SECOND }),
    count: { op, value },
  }));
const trait: fc.Arbitrary<TraitCondition> = fc.record({
  kind: fc.constant('trait' as const),
  name: fc.constantFrom('A', 'B', 'a'),
  comparison: fc.oneof(comparisonArbitrary, ageArbitrary(8)),
});
const number = fc.integer({ min: -1, max: 12 });
const ofValue: fc.Arbitrary<Comparison> = fc.oneof(
  fc.record({ op: fc.constantFrom('=', '!=', '>', '>=', '<', '<='), value: number }),
  fc.record({ op: fc.constantFrom('exists', 'absent') }),
  fc.record({
    op: fc.constantFrom('one_of', 'none_of'),
    values: fc.array(number, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ op: fc.constantFrom('before_date', 'after_date'), value: fc.constant('1970-01-01T00:00:08Z') }),
  fc.record({ op: fc.constantFrom('=', '!='), value: fc.constantFrom('dormant', 'new', 'active') }),
  ageArbitrary(8),
);
const value = valueArbitrary(ofValue);
const random = fc.record({ kind: fc.constant('random' as const), percent: fc.constantFrom(10, 50, 100) });
/** Of which all is kept that says since when they hold. */
const dated = definitionOver(condition);
const definitions = definitionOver(condition, trait, value, value, random);
const history: fc.Arbitrary<readonly Happened[]> = fc
  .array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      x: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(undefined, [1, 2])),
      half: fc.integer({ min: 0, max: 40 }),
      jitter: fc.integer({ min: -1, max: 1 }),
    }),
    { maxLength: 12 },
  )
  .map((list) =>
    list.map(({ name, x, half, jitter }, i) => ({
      type: 'track',
      event: name,
      properties: x === undefined ? {} : { x },
      id: `m${i}`,
      time: (half * SECOND) / 2 + jitter,
    })),
  );
const traits: fc.Arbitrary<Readonly<Record<string, TraitFact>>> = fc.dictionary(
  fc.constantFrom('A', 'B', 'a'),
  fc.record({
    value: fc.constantFrom('a', '10', 3, true, null, '1970-01-01T00:00:09.5Z', ['1970-01-01T00:00:04Z']),
    at: fc.integer({ min: 0, max: 20_000 }),
  }),
);

const NO_TRAITS: Readonly<Record<string, TraitFact>> = {};

/** Independent of aggregates and folds: goes through the whole history each time. */
function naive(
  definition: AudienceDefinition,
  events: readonly Happened[],
  known: Readonly<Record<string, TraitFact>>,
  at: number,
  bounds = boundsIn(definition),
): boolean {
  switch (definition.kind) {
    case 'and':
      return definition.operands.every((operand) => naive(operand, events, known, at, bounds));
    case 'or':
      return definition.operands.some((operand) => naive(operand, events, known, at, bounds));
    case 'not':
      return !naive(definition.operand, events, known, at, bounds);
    case 'trait':
      return compares(traitOf(known, definition.name)?.value, definition.comparison, at);
    case 'value':
      return compares(naiveValue(definition, events, at, bounds), definition.comparison, at);
    case 'random':
      return Number.parseInt(digest('p').slice(0, 13), 16) / 16 ** 13 < definition.percent / 100;
    case 'audience':
      throw new Error('nobody refers to another audience');
    case 'event': {
      const { where, withinMs = Infinity } = definition;
      const least =
        where && 'comparison' in where && 'value' in where.comparison ? where.comparison.value : -1;
      const count = events.filter(
        ({ event, properties, time }) =>
          event === definition.name &&
          (!where || [properties?.x].flat().some((x) => Number(x) >= Number(least))) &&
          time <= at &&
          at < time + withinMs,
      ).length;
      const bound = definition.count.value;
      return {
        '=': count === bound,
        '!=': count !== bound,
        '>': count > bound,
        '>=': count >= bound,
        '<': count < bound,
        '<=': count <= bound,
      }[definition.count.op];
    }
  }
}

/** How much of each aggregate is kept: the longest window sets the tiles. */
function boundsIn(definition: AudienceDefinition): ReadonlyMap<string, number> {
  return new Map(wantedBy(definition).map(({ aggregate, bound }) => [aggregate.hash, bound]));
}

function naiveValue(
  condition: ValueCondition,
  events: readonly Happened[],
  at: number,
  bounds: ReadonlyMap<string, number>,
): unknown {
  const [{ aggregate }] = aggregatesOfTrait(condition);
  const isOne = aggregate.kind === 'latest' || aggregate.kind === 'earliest';
  const occurring = events
    .filter(({ event, properties }) => {
      const needsValue = isOne && 'value' in condition.reducer;
      return event === 'A' && (!needsValue || properties?.x !== undefined);
    })
    .map(({ properties, ...event }) => ({
      ...event,
      ...{ receivedAt: event.time, sequence: 0, value: properties?.x },
    }));
  const found = naiveTrait(condition, occurring, at, bounds.get(aggregate.hash) ?? 0);
  const isOfValues = ['mode', 'first', 'last', 'unique'].includes(condition.reducer.op);
  // Values are numbers here; the naive computation has their texts.
  return isOfValues && found !== undefined ? [found].flat().map(Number) : found;
}

/** No event is later. */
const LATEST = 20_001;
const END = 40_000;

/** Where events enter and leave the windows, and the instants before. */
function instantsAround(events: readonly Happened[], { ofSlices = true } = {}): readonly number[] {
  const borders = events
    .flatMap(({ time }) => (ofSlices ? [time, Math.floor(time / SECOND) * SECOND] : [time]))
    .flatMap((time) => Array.from({ length: ofSlices ? 14 : 9 }, (_, w) => time + w * SECOND));
  return [...new Set(borders.flatMap((border) => [border - 1, border, border + 1]))];
}

describe('evaluate', () => {
  it('names the same members as a recomputation from the whole history, at any instant', () => {
    fc.assert(
      fc.property(
        definitions,
        history,
        traits,
        fc.integer({ min: 0, max: END }),
        (definition, all, known, now) => {
          const events = all.filter(({ time }) => time <= now);
          const { member, isUnknown } = evaluate(definition, factsOf(definition, events, known), now);
          expect(member).toBe(naive(definition, events, known, now));
          expect(isUnknown).toBeUndefined();
        },
      ),
      { numRuns: propertyRuns(1_000) },
    );
  });

  it('is never late: until the deadline nothing changes by the passing of time', () => {
    fc.assert(
      fc.property(
        definitions,
        history,
        traits,
        fc.integer({ min: 0, max: END }),
        (definition, all, known, now) => {
          const events = all.filter(({ time }) => time <= now);
          const { member, deadline } = evaluate(definition, factsOf(definition, events, known), now);
          expect(deadline ?? Infinity).toBeGreaterThan(now);
          for (const at of instantsAround(events)) {
            if (at < now || at >= (deadline ?? Infinity)) continue;
            expect(naive(definition, events, known, at)).toBe(member);
          }
        },
      ),
      { numRuns: propertyRuns(200) },
    );
  });

  it('reaches by its deadlines every change that the passing of time brings', () => {
    fc.assert(
      fc.property(definitions, history, (definition, events) => {
        const facts = factsOf(definition, events);
        let now = LATEST;
        for (;;) {
          const { member, deadline } = evaluate(definition, facts, now);
          expect(member).toBe(naive(definition, events, NO_TRAITS, now));
          if (deadline === undefined) break;
          now = deadline;
        }
        const { member } = evaluate(definition, facts, now);
        expect(naive(definition, events, NO_TRAITS, now + END)).toBe(member);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it('says since when: the last instant at which the value changed as far as the kept facts tell', () => {
    fc.assert(
      fc.property(dated, history, fc.integer({ min: LATEST, max: END }), (definition, events, now) => {
        const facts = factsOf(definition, events);
        const { member, since } = evaluate(definition, facts, now);
        const memberAt = (at: number) => evaluate(definition, facts, at).member;
        if (since !== undefined) {
          expect(since).toBeLessThanOrEqual(now);
          expect(memberAt(since - 1)).toBe(!member);
        }
        for (const at of [...instantsAround(events, { ofSlices: false }), now]) {
          if (at >= (since ?? -Infinity) && at <= now) expect(memberAt(at)).toBe(member);
        }
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('says of a value since when: time changed it last then, or the latest event came, in whatever order', () => {
    fc.assert(
      fc.property(value, history, fc.integer({ min: LATEST, max: END }), (definition, events, now) => {
        const { member, since } = evaluate(definition, factsOf(definition, events), now);
        expect(evaluate(definition, factsOf(definition, events.toReversed()), now).since).toBe(since);
        const times = events.filter(({ event }) => event === 'A').map(({ time }) => time);
        if (times.length === 0) expect(since).toBeUndefined();
        if (since === undefined) return;
        expect(since).toBeLessThanOrEqual(now);
        for (const at of [...instantsAround(events), now]) {
          if (at >= since && at <= now) expect(naive(definition, events, NO_TRAITS, at)).toBe(member);
        }
        if (!times.includes(since)) expect(naive(definition, events, NO_TRAITS, since - 1)).toBe(!member);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it('says of what was dropped that it does not know, and is right of everything else, at any instant', () => {
    fc.assert(
      fc.property(
        ...[dated, history, traits, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: END })],
        (definition, events, known, bound, now) => {
          const facts = factsOf(definition, events, known, { kept: Math.max(1, bound) });
          const { member, isUnknown, deadline } = evaluate(definition, facts, now);
          if (!isUnknown) expect(member).toBe(naive(definition, events, known, now));
          // No instant is missed from which on it is known.
          for (const at of instantsAround(events, { ofSlices: false })) {
            if (!isUnknown || at <= now || at >= (deadline ?? Infinity)) continue;
            const later = evaluate(definition, facts, at);
            if (!later.isUnknown) expect(later.member).toBe(member);
          }
        },
      ),
      { numRuns: propertyRuns(1_000) },
    );
  });
});
