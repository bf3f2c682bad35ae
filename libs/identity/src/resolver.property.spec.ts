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
import { apartInTheEnd, World, type Story } from './world.fixture.js';

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
    .map(({ priority, limit, more }) => ({ priority, limit, hub: limit + more, blocked: [], normalise: [] }));
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

const cutsOf = (ids: readonly Identifier[]) =>
  fc.array(
    fc.record({
      pair: fc.shuffledSubarray([...ids], { minLength: 2, maxLength: 2 }) as fc.Arbitrary<Identifier[]>,
      apart: fc.boolean(),
    }),
    { maxLength: 4 },
  ) as unknown as fc.Arbitrary<{ pair: Pair; apart: boolean }[]>;

const stories: fc.Arbitrary<Story> = people.chain((ids) =>
  fc.record({
    occurrences: eventsOf(ids),
    rules: fc.array(rulesFor(ids), { minLength: 1, maxLength: 3 }),
    cuts: cutsOf(ids),
    partitions: fc.integer({ min: 1, max: 16 }),
    seed: fc.integer(),
  }),
);

const resolvedBy = ({ occurrences, rules, cuts }: Story) =>
  resolveAll(occurrences, rules.at(-1) as IdentityRules, apartInTheEnd(cuts)).named;

describe('the resolvers of all identifiers together', () => {
  it('come to the assignments of the batch function, under every order, repetition, change of rules, cut and crash', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = new World(story).run();
        const named = resolvedBy(story);
        const found = Object.fromEntries([...named.keys()].map((id) => [id, world.profileOf(id)]));
        const expected = Object.fromEntries([...named].map(([id, first]) => [id, profileIdOf('w', first)]));
        expect(found).toEqual(expected);
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('answer every new pair in the end, refused ones too', () => {
    fc.assert(
      fc.property(stories, (story) => {
        for (const { pending, through, assignment } of new World(story).run().states) {
          expect(pending).toEqual({});
          if (through >= 0) expect(assignment?.resolvedThrough).toBe(through);
        }
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('keep no more partners than the bound and one', () => {
    fc.assert(
      fc.property(stories, (story) => {
        for (const { partners } of new World(story).run().states) {
          expect(Object.keys(partners).length).toBeLessThanOrEqual(BOUNDS.partners + 1);
        }
      }),
    );
  });
});

describe('resolveAll', () => {
  it('puts no more identifiers of a namespace into a profile than its limit, and no more at all than the bound', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const counts = new Map<string, number>();
        const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1).get(key);
        for (const [id, first] of resolvedBy(story)) {
          const { limit } = (story.rules.at(-1) as IdentityRules).ruleOf(namespaceOf(id));
          expect(count(`${first} ${namespaceOf(id)}`)).toBeLessThanOrEqual(limit);
          expect(count(first)).toBeLessThanOrEqual(BOUNDS.members);
        }
      }),
    );
  });

  it('keeps apart what is cut', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const named = resolvedBy(story);
        for (const [a, b] of apartInTheEnd(story.cuts)) {
          expect(named.has(a) && named.get(a) === named.get(b)).toBe(false);
        }
      }),
    );
  });
});
