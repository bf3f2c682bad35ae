import {
  Components,
  eligibilityOfPartners,
  pairOf,
  resolveEligible,
  type IdentityRules,
  type Link,
  type Pair,
} from '@tributary/identity';
import type { Identifier } from '@tributary/kernel';
import { Groups } from './groups.js';
import type { LinkList } from './link-list.js';

/** Everybody whom links that may join reach, under the one rules or the other. */
export interface Comparison {
  /** By identifier, the one that names its profile. */
  readonly before: ReadonlyMap<Identifier, Identifier>;
  readonly after: ReadonlyMap<Identifier, Identifier>;
}

/**
 * Who would be one person under other rules: the same as resolving all links at once under each, but a component at a
 * time, so that what is held at once is one component and a few bytes a link. Who is in no component that is told is
 * alone under both.
 */
export function* compareRules(
  links: LinkList,
  before: IdentityRules,
  after: IdentityRules,
  apart: readonly Pair[],
): Generator<Comparison> {
  const [ofBefore, ofAfter] = refusedBy(links, [before, after]);
  const { groups, leaderOf } = componentsIn(links, (link) => !ofBefore[link] || !ofAfter[link]);
  const splits = new Groups(links.identifiers.length, (tell) => {
    for (const [i, [a, b]] of apart.entries()) {
      const [x, y] = [links.find(a), links.find(b)];
      if (x !== undefined && y !== undefined && leaderOf(x) === leaderOf(y)) tell(leaderOf(x), i);
    }
  });
  for (let root = 0; root < groups.count; root += 1) {
    const within = groups.of(root);
    if (within.length === 0) continue;
    const splitHere = [...splits.of(root)].map((i) => apart[i]).filter((pair) => pair !== undefined);
    yield {
      before: named(links, within, ofBefore, before, splitHere),
      after: named(links, within, ofAfter, after, splitHere),
    };
  }
}

/** By link, whether one of its ends refuses it under each of the rules. */
function refusedBy(
  links: LinkList,
  both: readonly [IdentityRules, IdentityRules],
): readonly [Uint8Array, Uint8Array] {
  const refused = [new Uint8Array(links.size), new Uint8Array(links.size)] as const;
  const linksOf = new Groups(links.identifiers.length, (tell) => {
    for (let link = 0; link < links.size; link += 1) for (const z of links.endsOf(link)) tell(z, link);
  });
  for (let z = 0; z < linksOf.count; z += 1) {
    const linkTo = new Map<Identifier, number>();
    const partners = new Map<Identifier, number>();
    for (const link of linksOf.of(z)) {
      const [a, b] = links.endsOf(link);
      const partner = links.nameOf(a === z ? b : a);
      linkTo.set(partner, link);
      partners.set(partner, links.timeOf(link));
    }
    for (const i of [0, 1] as const) {
      for (const [partner, refusal] of eligibilityOfPartners(links.nameOf(z), partners, both[i]))
        if (refusal) refused[i][linkTo.get(partner) ?? 0] = 1;
    }
  }
  return refused;
}

function componentsIn(links: LinkList, isIn: (link: number) => boolean) {
  const components = new Components(links.identifiers.length);
  for (let link = 0; link < links.size; link += 1) if (isIn(link)) components.join(...links.endsOf(link));
  const leaderOf = (z: number) => components.leaderOf(z);
  const groups = new Groups(links.identifiers.length, (tell) => {
    for (let link = 0; link < links.size; link += 1)
      if (isIn(link)) tell(leaderOf(links.endsOf(link)[0]), link);
  });
  return { groups, leaderOf };
}

function named(
  links: LinkList,
  within: Uint32Array,
  refused: Uint8Array,
  rules: IdentityRules,
  apart: readonly Pair[],
): ReadonlyMap<Identifier, Identifier> {
  const members = new Set<number>();
  for (const link of within) for (const z of links.endsOf(link)) members.add(z);
  const names = new Map([...members].map((z) => [links.nameOf(z), links.nameOf(z)]));
  const agreed = within.filter((link) => !refused[link]);
  const eligible = [...agreed].map((link) => linkOf(links, link));
  for (const [z, first] of resolveEligible(eligible, rules, apart).named) names.set(z, first);
  return names;
}

function linkOf(links: LinkList, link: number): Link {
  const [a, b] = links.endsOf(link);
  const pair = pairOf(links.nameOf(a), links.nameOf(b));
  const [first, second] = pair[0] === links.nameOf(a) ? [a, b] : [b, a];
  const endsFirstSeen = [links.firstSeen[first] ?? 0, links.firstSeen[second] ?? 0] as const;
  return { pair, eligible: true, firstSeen: links.timeOf(link), endsFirstSeen };
}
