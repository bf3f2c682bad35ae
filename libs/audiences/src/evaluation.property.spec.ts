import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import type { AudienceDefinition, EventCondition } from './definition.js';
import { definitionArbitrary } from '../test/definition.arbitrary.js';
import { latestOf, unknownUntil } from './aggregates/read-aggregate.js';
import { evaluate, type Facts, type TraitFact } from './evaluation.js';
import { wantedBy } from './aggregate.js';
import { compileAggregate, type MatchableEvent } from './aggregate-matching.js';
import {
  beginAggregate,
  foldOccurrence,
  knownOf,
  type FoldedAggregate,
} from './aggregates/folded-aggregate.js';
import { compares } from './values.js';

interface Happened extends MatchableEvent {
  readonly id: string;
  readonly time: number;
}

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
const definitions = definitionArbitrary(condition);
const history: fc.Arbitrary<readonly Happened[]> = fc
  .array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      x: fc.integer({ min: 0, max: 4 }),
      half: fc.integer({ min: 0, max: 40 }),
      jitter: fc.integer({ min: -1, max: 1 }),
    }),
    { maxLength: 12 },
  )
  .map((list) =>
    list.map(({ name, x, half, jitter }, i) => ({
      type: 'track',
      event: name,
      properties: { x },
      id: `m${i}`,
      time: (half * SECOND) / 2 + jitter,
    })),
  );
const traits: fc.Arbitrary<Readonly<Record<string, TraitFact>>> = fc.dictionary(
  fc.constantFrom('A', 'B', 'a'),
  fc.record({ value: fc.constantFrom('a', '10', 3, true, null), at: fc.integer({ min: 0, max: 20_000 }) }),
);

const NO_TRAITS: Readonly<Record<string, TraitFact>> = {};

/** Generated traits are plain objects: what every object has is no trait. */
function traitOf(known: Readonly<Record<string, TraitFact>>, name: string): TraitFact | undefined {
  return Object.hasOwn(known, name) ? known[name] : undefined;
}

function factsOf(
  definition: AudienceDefinition,
  events: readonly Happened[],
  known: Readonly<Record<string, TraitFact>>,
  kept?: number,
): Facts {
  const states = new Map<string, FoldedAggregate>();
  for (const { aggregate, bound: wanted } of wantedBy(definition)) {
    const bound = kept ?? wanted;
    const matches = compileAggregate(aggregate);
    for (const event of events) {
      const state = states.get(aggregate.hash) ?? beginAggregate(1, bound);
      const occurrence = { ...event, receivedAt: event.time, sequence: 0 };
      if (matches(event)) states.set(aggregate.hash, foldOccurrence(aggregate, state, occurrence));
    }
  }
  const knownOfHash = (hash: string) => {
    const state = states.get(hash);
    return state && knownOf({ kind: 'latest' }, state);
  };
  return {
    aggregate: (hash) => {
      const state = knownOfHash(hash);
      return state && latestOf(state);
    },
    unknownUntil: (hash) => {
      const state = knownOfHash(hash);
      return state && unknownUntil(state);
    },
    trait: (name) => traitOf(known, name),
  };
}

/** Independent of aggregates and folds: goes through the whole history each time. */
function naive(
  definition: AudienceDefinition,
  events: readonly Happened[],
  known: Readonly<Record<string, TraitFact>>,
  at: number,
): boolean {
  switch (definition.kind) {
    case 'and':
      return definition.operands.every((operand) => naive(operand, events, known, at));
    case 'or':
      return definition.operands.some((operand) => naive(operand, events, known, at));
    case 'not':
      return !naive(definition.operand, events, known, at);
    case 'trait':
      return compares(traitOf(known, definition.name)?.value, definition.comparison);
    case 'event': {
      const { where } = definition;
      const least =
        where && 'comparison' in where && 'value' in where.comparison ? where.comparison.value : 0;
      const count = events.filter(
        (event) =>
          event.event === definition.name &&
          Number(event.properties?.x) >= Number(least) &&
          event.time <= at &&
          (definition.withinMs === undefined || at < event.time + definition.withinMs),
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

/** No event is later. */
const LATEST = 20_001;
const END = 40_000;

/** Where events enter and leave the windows, and the instants before. */
function instantsAround(events: readonly Happened[]): readonly number[] {
  return events
    .flatMap(({ time }) => Array.from({ length: 9 }, (_, w) => time + w * SECOND))
    .flatMap((border) => [border - 1, border]);
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
      { numRuns: propertyRuns(500) },
    );
  });

  it('reaches by its deadlines every change that the passing of time brings', () => {
    fc.assert(
      fc.property(definitions, history, (definition, events) => {
        const facts = factsOf(definition, events, NO_TRAITS);
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
      { numRuns: propertyRuns(500) },
    );
  });

  it('says since when: the last instant at which the value changed as far as the kept facts tell', () => {
    fc.assert(
      fc.property(definitions, history, fc.integer({ min: LATEST, max: END }), (definition, events, now) => {
        const facts = factsOf(definition, events, NO_TRAITS);
        const { member, since } = evaluate(definition, facts, now);
        const memberAt = (at: number) => evaluate(definition, facts, at).member;
        if (since !== undefined) {
          expect(since).toBeLessThanOrEqual(now);
          expect(memberAt(since - 1)).toBe(!member);
        }
        for (const at of [...instantsAround(events), now]) {
          if (at >= (since ?? -Infinity) && at <= now) expect(memberAt(at)).toBe(member);
        }
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('says of what was dropped that it does not know, and is right of everything else, at any instant', () => {
    fc.assert(
      fc.property(
        ...[definitions, history, traits, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: END })],
        (definition, events, known, bound, now) => {
          const facts = factsOf(definition, events, known, Math.max(1, bound));
          const { member, isUnknown, deadline } = evaluate(definition, facts, now);
          if (!isUnknown) expect(member).toBe(naive(definition, events, known, now));
          // No instant is missed from which on it is known.
          for (const at of instantsAround(events)) {
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
