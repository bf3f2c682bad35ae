import { describe, expect, it } from '@jest/globals';
import { IdentityRules, pairOf, resolveSeen, type NamespaceRule, type Pair } from '@tributary/identity';
import { identifier, type Identifier } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { compareRules } from './compare-rules.js';
import { DryRunTally } from './dry-run-report.js';
import { LinkList } from './link-list.js';

const BOUNDS = { partners: 6, partnerText: 10_000, members: 6, links: 8, linkText: 10_000 };
const NAMESPACES = ['user_id', 'email', 'device'];

const rule = fc.record({
  priority: fc.nat(3),
  limit: fc.integer({ min: 1, max: 3 }),
  supernode: fc.integer({ min: 3, max: 6 }),
  blocked: fc.subarray(['0', '1']),
  normalise: fc.constant<NamespaceRule['normalise']>([]),
});
const rules = fc
  .record({ user_id: rule, email: rule, '*': rule })
  .map((namespaces) => new IdentityRules({ namespaces }, BOUNDS));

const ids = NAMESPACES.flatMap((namespace) => [0, 1, 2, 3, 4].map((n) => identifier(namespace, String(n))));
const two = fc.shuffledSubarray(ids, { minLength: 2, maxLength: 2 }).map(([a, b]) => pairOf(a!, b!));
const town = fc.record({
  pairs: fc.uniqueArray(fc.record({ pair: two, firstSeen: fc.nat(20) }), {
    selector: ({ pair }) => pair.join(),
    maxLength: 40,
  }),
  earlier: fc.array(fc.nat(5), { minLength: ids.length, maxLength: ids.length }),
  apart: fc.array(two, { maxLength: 3 }),
  before: rules,
  after: rules,
});

type Town = typeof town extends fc.Arbitrary<infer T> ? T : never;

function firstSeenIn({ pairs, earlier }: Town): ReadonlyMap<Identifier, number> {
  const first = new Map<Identifier, number>();
  for (const { pair, firstSeen } of pairs)
    for (const z of pair) first.set(z, Math.min(firstSeen, first.get(z) ?? Infinity));
  return new Map([...first].map(([z, at]) => [z, at - (earlier[ids.indexOf(z)] ?? 0)]));
}

function linksIn(of: Town): LinkList {
  const firstSeen = firstSeenIn(of);
  const links = new LinkList();
  for (const { pair, firstSeen: at } of of.pairs) {
    const [b, a] = pair;
    links.add({
      a,
      b,
      firstSeen: at,
      aFirstSeen: firstSeen.get(a) ?? at,
      bFirstSeen: firstSeen.get(b) ?? at,
    });
  }
  return links;
}

const alone = (z: Identifier): [Identifier, Identifier] => [z, z];

function groupsOf(
  named: ReadonlyMap<Identifier, Identifier>,
): ReadonlyMap<Identifier, readonly Identifier[]> {
  return Map.groupBy([...named.keys()], (z) => named.get(z) ?? z);
}

function crossings(a: ReadonlyMap<Identifier, Identifier>, b: ReadonlyMap<Identifier, Identifier>) {
  const counts = [...groupsOf(a).values()].map((group) => new Set(group.map((z) => b.get(z))).size);
  const crossed = counts.filter((count) => count > 1);
  return { profiles: crossed.length, others: crossed.reduce((sum, count) => sum + count, 0) };
}

describe('comparing rules', () => {
  const direct = (of: Town, by: IdentityRules, apart: readonly Pair[]) =>
    resolveSeen(firstSeenIn(of), of.pairs, by, apart).named;

  it('comes to what resolving everything at once under each comes to', () => {
    fc.assert(
      fc.property(town, (of) => {
        const links = linksIn(of);
        const before = new Map(links.identifiers.map(alone));
        const after = new Map(links.identifiers.map(alone));
        for (const told of compareRules(links, of.before, of.after, of.apart)) {
          for (const [z, name] of told.before) before.set(z, name);
          for (const [z, name] of told.after) after.set(z, name);
        }
        expect(before).toEqual(direct(of, of.before, of.apart));
        expect(after).toEqual(direct(of, of.after, of.apart));
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('counts merges, splits and moves as the two results say', () => {
    fc.assert(
      fc.property(town, (of) => {
        const links = linksIn(of);
        const tally = new DryRunTally('w');
        for (const told of compareRules(links, of.before, of.after, of.apart)) tally.add(told);
        const report = tally.report(links.size, links.identifiers.length);
        const before = direct(of, of.before, of.apart);
        const after = direct(of, of.after, of.apart);
        const sizes = [before, after].map((named) => [...groupsOf(named).values()].map((g) => g.length));
        expect([report.before, report.after]).toEqual(
          sizes.map((all) => ({ profiles: all.length, linked: all.filter((size) => size > 1).length })),
        );
        const merges = crossings(after, before);
        const splits = crossings(before, after);
        expect([report.merges.profiles, report.merges.of]).toEqual([merges.profiles, merges.others]);
        expect([report.splits.profiles, report.splits.into]).toEqual([splits.profiles, splits.others]);
        expect(report.merges.samples).toHaveLength(merges.profiles);
        expect(report.moved).toBe([...before].filter(([z, name]) => after.get(z) !== name).length);
      }),
      { numRuns: propertyRuns(300) },
    );
  });
});
