import { describe, expect, it } from '@jest/globals';
import { identifier, namespaceOf, profileIdOf, type Identifier } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { resolveAll, type Occurrence } from './batch.js';
import type { Pair } from './link.js';
import {
  DEFAULT_RULES,
  IDENTITY_BOUNDS,
  IdentityRules,
  type IdentityBounds,
  type NamespaceRule,
} from './rules.js';
import { apartInTheEnd, World, type Scenario } from '../test/world.fixture.js';

const NOBODY = identifier('nobody', '0');
const NAMESPACES = ['user_id', 'email', 'anonymous_id'];
/** Small, so that all of them are hit. */
const BOUNDS: IdentityBounds = { ...IDENTITY_BOUNDS, partners: 7, members: 6 };

const ruleOf = (most: number): fc.Arbitrary<NamespaceRule> =>
  fc
    .record({
      priority: fc.integer({ min: 0, max: 2 }),
      limit: fc.integer({ min: 1, max: most }),
      more: fc.integer({ min: 1, max: 4 }),
    })
    .map(({ priority, limit, more }) => ({
      priority,
      limit,
      supernode: limit + more,
      blocked: [],
      normalise: [],
    }));
const rulesFor = (ids: readonly Identifier[]) =>
  fc
    .record({
      rules: fc.tuple(ruleOf(1), ruleOf(2), ruleOf(3)),
      blocked: fc.subarray(
        ids.map((id) => id.slice(id.indexOf(':') + 1)),
        { maxLength: 1 },
      ),
    })
    .map(({ rules, blocked }) => {
      const named = NAMESPACES.map((namespace, i) => [namespace, { ...rules[i], blocked }] as const);
      return new IdentityRules(
        { namespaces: { ...DEFAULT_RULES.namespaces, ...Object.fromEntries(named) } as never },
        BOUNDS,
      );
    });

const people = fc
  .array(fc.constantFrom(...NAMESPACES), { minLength: 4, maxLength: 12 })
  .map((namespaces) => namespaces.map((namespace, i) => identifier(namespace, String(i))));

const eventsOf = (ids: readonly Identifier[]): fc.Arbitrary<Occurrence[]> =>
  fc.array(
    fc.record({
      identifiers: fc.shuffledSubarray([...ids], { minLength: 1, maxLength: 3 }),
      receivedAt: fc.integer({ min: 0, max: 30 }),
    }),
    { minLength: 5, maxLength: 40 },
  );

const splitsOf = (ids: readonly Identifier[]) =>
  fc.array(
    fc.record({
      pair: fc
        .shuffledSubarray([...ids], { minLength: 2, maxLength: 2 })
        .map(([a = NOBODY, b = NOBODY]): Pair => [a, b]),
      apart: fc.boolean(),
    }),
    { maxLength: 4 },
  );

const scenarios: fc.Arbitrary<Scenario> = people.chain((ids) =>
  fc.record({
    occurrences: eventsOf(ids),
    rules: fc.array(rulesFor(ids), { minLength: 1, maxLength: 3 }),
    splits: splitsOf(ids),
    partitions: fc.integer({ min: 1, max: 16 }),
    seed: fc.integer(),
  }),
);

/** No end refuses, so nothing is ever withdrawn. */
const OPEN: NamespaceRule = { priority: 1, limit: 12, supernode: 50, blocked: [], normalise: [] };
const crowdedPeople: fc.Arbitrary<Scenario> = people.chain((ids) =>
  fc.record({
    occurrences: eventsOf(ids),
    rules: fc
      .record({ links: fc.integer({ min: 1, max: 12 }), linkText: fc.integer({ min: 20, max: 300 }) })
      .map((bounds) => [new IdentityRules({ namespaces: { '*': OPEN } }, { ...IDENTITY_BOUNDS, ...bounds })]),
    splits: splitsOf(ids),
    partitions: fc.integer({ min: 1, max: 16 }),
    seed: fc.integer(),
  }),
);

const resolvedBy = ({ occurrences, rules, splits }: Scenario) =>
  resolveAll(occurrences, rules.at(-1)!, apartInTheEnd(splits)).named;

function expectSame(scenario: Scenario): void {
  const world = new World(scenario).run();
  const named = resolvedBy(scenario);
  const found = Object.fromEntries([...named.keys()].map((id) => [id, world.profileOf(id)]));
  const expected = Object.fromEntries([...named].map(([id, first]) => [id, profileIdOf('w', first)]));
  expect(found).toEqual(expected);
}

describe('the resolvers of all identifiers together', () => {
  it('come to the assignments of the batch function, under every order, repetition, change of rules, split and crash', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        expectSame(scenario);
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('answer every new pair in the end, refused ones too', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        for (const { pending, through, assignment } of new World(scenario).run().states) {
          expect(pending).toEqual({});
          if (through >= 0) expect(assignment?.resolvedThrough).toBe(through);
        }
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('come to them as well where a component has more links than it may, as long as none is displaced', () => {
    fc.assert(
      fc.property(crowdedPeople, (scenario) => {
        expectSame(scenario);
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('keep no more partners than the bound and one', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        for (const { partners } of new World(scenario).run().states) {
          expect(Object.keys(partners).length).toBeLessThanOrEqual(BOUNDS.partners + 1);
        }
      }),
    );
  });
});

describe('resolveAll', () => {
  it('puts no more identifiers of a namespace into a profile than its limit, and no more at all than the bound', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const counts = new Map<string, number>();
        const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1).get(key);
        for (const [id, first] of resolvedBy(scenario)) {
          const { limit } = scenario.rules.at(-1)!.ruleOf(namespaceOf(id));
          expect(count(`${first} ${namespaceOf(id)}`)).toBeLessThanOrEqual(limit);
          expect(count(first)).toBeLessThanOrEqual(BOUNDS.members);
        }
      }),
    );
  });

  it('keeps apart what is cut', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const named = resolvedBy(scenario);
        for (const [a, b] of apartInTheEnd(scenario.splits)) {
          expect(named.has(a) && named.get(a) === named.get(b)).toBe(false);
        }
      }),
    );
  });
});
