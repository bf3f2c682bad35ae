import { describe, expect, it } from '@jest/globals';
import { baseOf, generationOf, identifier, type Identifier } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { resolveAll, type Occurrence } from './batch.js';
import type { Pair } from './link.js';
import { IdentityRules, type NamespaceRule } from './rules.js';
import { apartInTheEnd, World, type Erasure, type Scenario } from '../test/world.fixture.js';

const NAMESPACES = ['user_id', 'email', 'anonymous_id'];
/** What is received up to these instants is forgotten of those who are erased first, and second. */
const [FIRST, SECOND] = [30, 60];

const people = fc
  .array(fc.constantFrom(...NAMESPACES), { minLength: 4, maxLength: 10 })
  .map((namespaces) => namespaces.map((namespace, i) => identifier(namespace, String(i))));
const ruleOf = (most: number): fc.Arbitrary<NamespaceRule> =>
  fc
    .record({ limit: fc.integer({ min: 1, max: most }), more: fc.integer({ min: 1, max: 4 }) })
    .map(({ limit, more }) => ({ priority: 1, limit, supernode: limit + more, blocked: [], normalise: [] }));
const rules = fc
  .tuple(ruleOf(2), ruleOf(3), ruleOf(9))
  .map(([user_id, email, other]) => new IdentityRules({ namespaces: { user_id, email, '*': other } }));

const eventsOf = (ids: readonly Identifier[], from: number, to: number): fc.Arbitrary<Occurrence[]> =>
  fc.array(
    fc.record({
      identifiers: fc.shuffledSubarray([...ids], { minLength: 1, maxLength: 3 }),
      receivedAt: fc.integer({ min: from, max: to }),
    }),
    { maxLength: 15 },
  );
const splitsOf = (ids: readonly Identifier[]) =>
  fc.array(
    fc.record({
      pair: fc
        .shuffledSubarray([...ids], { minLength: 2, maxLength: 2 })
        .map(([a, b]): Pair => [a ?? identifier('x', '0'), b ?? identifier('x', '1')]),
      apart: fc.boolean(),
    }),
    { maxLength: 2 },
  );

interface Story {
  readonly scenario: Scenario;
  /** Who is erased among the events of the first round, and of the second. */
  readonly erased: readonly [readonly Identifier[], readonly Identifier[]];
  /** Of what comes after each erasure: late events of before it, and others. */
  readonly later: readonly (readonly Occurrence[])[];
  readonly behind: readonly number[];
}

/**
 * Of events of one who is erased nothing is known of others among themselves: at most one of them is somebody who stays. What
 * follows from those of them that came before would depend on the order.
 */
const withoutThird = ({ erased, ...story }: Story): Story => {
  const tidy = ({ identifiers, receivedAt }: Occurrence): Occurrence => {
    const [primary] = identifiers;
    const own = erased.find((group) => primary && group.includes(primary));
    if (!own) return { identifiers, receivedAt };
    const others = identifiers.filter((z) => !own.includes(z)).slice(1);
    return { identifiers: identifiers.filter((z) => !others.includes(z)), receivedAt };
  };
  const { scenario, later } = story;
  return {
    ...{ ...story, erased },
    scenario: { ...scenario, occurrences: scenario.occurrences.map(tidy) },
    later: later.map((events) => events.map(tidy)),
  };
};

const stories: fc.Arbitrary<Story> = people.chain((ids) =>
  fc
    .record({
      scenario: fc.record({
        occurrences: eventsOf(ids, 0, FIRST),
        rules: fc.array(rules, { minLength: 1, maxLength: 2 }),
        splits: splitsOf(ids),
        partitions: fc.integer({ min: 1, max: 8 }),
        seed: fc.integer(),
      }),
      erased: fc
        .tuple(fc.subarray([...ids]), fc.subarray([...ids]))
        .map(([a, b]): Story['erased'] => [a, b.filter((z) => !a.includes(z))]),
      later: fc.tuple(
        eventsOf(ids, 0, FIRST),
        eventsOf(ids, FIRST + 1, SECOND),
        eventsOf(ids, 0, SECOND),
        eventsOf(ids, SECOND + 1, 90),
      ),
      behind: fc.array(fc.nat(15), { minLength: 20, maxLength: 20 }),
    })
    .map(withoutThird),
);

/** What is left to count of events, by the time at which they were received. */
function remaining(events: readonly Occurrence[], until: (id: Identifier) => number): Occurrence[] {
  return events.flatMap(({ identifiers, receivedAt }) => {
    const left = identifiers.filter((z) => receivedAt > until(z));
    return left.length > 0 ? [{ identifiers: left, receivedAt }] : [];
  });
}

const groupsOf = (named: ReadonlyMap<Identifier, unknown>) =>
  [...Map.groupBy(named.keys(), (z) => named.get(z)).values()].map((group) => [...group].sort()).sort();

function erasuresOf(ids: readonly Identifier[], until: number, behind: readonly number[]): Erasure[] {
  return ids.map((id, i) => ({ identifier: id, until, behind: behind[i] ?? 0 }));
}

/** Runs the rounds; after each, everybody is with whom the events that are left put them. */
function live({ scenario, erased, later, behind }: Story): World {
  const world = new World(scenario);
  const { occurrences, splits } = scenario;
  const events: Occurrence[] = [...occurrences];
  const until = new Map<Identifier, number>();
  const expectGroups = () => {
    const left = remaining(events, (z) => until.get(z) ?? -Infinity);
    const { named } = resolveAll(left, scenario.rules.at(-1)!, apartInTheEnd(splits));
    const found = new Map([...named.keys()].map((z) => [z, world.profileOf(z)]));
    expect(groupsOf(found)).toEqual(groupsOf(named));
  };
  world.run(erasuresOf(erased[0], FIRST, behind));
  for (const z of erased[0]) until.set(z, FIRST);
  expectGroups();
  const [late = [], fresh = [], lateAgain = [], last = []] = later;
  const goOn = (more: readonly Occurrence[], also: readonly Identifier[] = []) => {
    events.push(...more);
    world.goOn(more, erasuresOf(also, SECOND, behind));
    for (const z of also) until.set(z, SECOND);
    expectGroups();
  };
  goOn(late);
  goOn(fresh, erased[1]);
  // To those who were erased first these are late, and then new.
  goOn(lateAgain.filter(({ receivedAt }) => receivedAt <= FIRST));
  goOn(lateAgain.filter(({ receivedAt }) => receivedAt > FIRST));
  goOn(last);
  return world;
}

describe('the resolvers of identifiers of which some are erased', () => {
  it('put everybody where the events that are left do, under every order, repetition, late event and crash', () => {
    fc.assert(
      fc.property(stories, (story) => {
        live(story);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it('know nothing of who was erased and did not come back', () => {
    fc.assert(
      fc.property(stories, ({ scenario, erased: [gone], behind }) => {
        const world = new World(scenario).run(erasuresOf(gone, FIRST, behind));
        expect(gone.filter((z) => world.stateOf(z))).toEqual([]);
        // The split names whom it names.
        const texts = world.states.map(({ component, ...state }) =>
          JSON.stringify({ ...state, component: { ...component, splits: {} } }),
        );
        expect(gone.filter((z) => texts.some((text) => text.includes(`${z}"`)))).toEqual([]);
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it('name nobody in a generation that is over', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = live(story);
        const isCurrent = (z: string) =>
          generationOf(z as Identifier) === (world.stateOf(baseOf(z as Identifier))?.generation ?? 0);
        for (const { parent, partners, component } of world.states) {
          expect([parent, ...Object.keys(partners)].filter((z) => !isCurrent(z))).toEqual([]);
          expect((component?.ids ?? []).filter((z) => !isCurrent(z))).toEqual([]);
        }
      }),
      { numRuns: propertyRuns(100) },
    );
  });
});
