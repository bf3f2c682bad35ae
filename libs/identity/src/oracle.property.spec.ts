import { describe, expect, it } from '@jest/globals';
import { identifier, type Identifier } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { UndirectedGraph } from 'graphology';
import { connectedComponents } from 'graphology-components';
import { resolveAll, type Occurrence } from './batch.js';
import { IdentityRules } from './rules.js';

const MANY = 1_000_000;
const NAMESPACES = ['user_id', 'email', 'phone', 'anonymous_id', 'ios.idfa', 'crm'] as const;

/** Nobody is refused by them. */
const generous = new IdentityRules(
  { namespaces: { '*': { priority: 0, limit: MANY, supernode: MANY, blocked: [], normalise: [] } } },
  { partners: MANY, partnerText: Infinity, members: MANY, links: MANY, linkText: Infinity },
);

const named = (n: number) => identifier(NAMESPACES[n % NAMESPACES.length] ?? '', String(n));

const events = fc.integer({ min: 2, max: 60 }).chain((people) =>
  fc.array(
    fc.record({
      identifiers: fc
        .uniqueArray(fc.nat(people - 1), { minLength: 1, maxLength: 10 })
        .map((ids) => ids.map(named)),
      receivedAt: fc.nat(50),
    }),
    { minLength: 1, maxLength: 60 },
  ),
);

/** Sets as sorted texts, in order. */
function sorted(sets: Iterable<readonly string[]>): readonly (readonly string[])[] {
  return [...sets].map((set) => [...set].sort()).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

function profilesOf(occurrences: readonly Occurrence[]) {
  const resolved = resolveAll(occurrences, generous);
  const profiles = new Map<Identifier, Identifier[]>();
  for (const [z, first] of resolved.named) profiles.set(first, [...(profiles.get(first) ?? []), z]);
  return { ...resolved, profiles };
}

/** What another's graph library has for the same events. */
function componentsOf(occurrences: readonly Occurrence[]) {
  const graph = new UndirectedGraph();
  for (const { identifiers } of occurrences) {
    for (const [i, z] of identifiers.entries()) {
      graph.mergeNode(z);
      for (const other of identifiers.slice(0, i)) graph.mergeEdge(other, z);
    }
  }
  return connectedComponents(graph);
}

/** Events of a crowd with devices of its own and shared ones, by a generator that needs no seed to be the same. */
function crowd(people: number): readonly Occurrence[] {
  let state = 1;
  const below = (end: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % end;
  };
  return Array.from({ length: people * 3 }, (_, at) => {
    const person = below(people);
    const own = [identifier('user_id', `u${person}`), identifier('anonymous_id', `${person}-${below(3)}`)];
    const shared = below(4) === 0 ? [identifier('anonymous_id', `shared-${below(people)}`)] : [];
    return { identifiers: [...own.slice(below(2)), ...shared], receivedAt: at };
  });
}

describe('resolveAll where no rule refuses anything', () => {
  it('gives the profiles that are the connected components of an independent graph library', () => {
    fc.assert(
      fc.property(events, (occurrences) => {
        const { profiles, refused } = profilesOf(occurrences);
        expect(refused.size).toBe(0);
        expect(sorted(profiles.values())).toEqual(sorted(componentsOf(occurrences)));
        for (const [first, members] of profiles) expect(members).toContain(first);
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('does so for some thousand identifiers, in components of many sizes', () => {
    const occurrences = crowd(3_000);
    const { profiles, named: all } = profilesOf(occurrences);
    const expected = componentsOf(occurrences);
    expect(sorted(profiles.values())).toEqual(sorted(expected));
    expect(all.size).toBeGreaterThan(7_000);
    expect(expected.length).toBeGreaterThan(500);
    expect(Math.max(...expected.map(({ length }) => length))).toBeGreaterThan(100);
  });
});
