import {
  componentsOf,
  earliest,
  judgePartners,
  pairOf,
  Resolution,
  type IdentityRules,
  type Link,
  type Pair,
} from '@tributary/identity';
import { compareByDigest, namespaceOf, type Identifier } from '@tributary/kernel';
import { Components, Groups } from './groups.js';
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
  const { groups, rootOf } = componentsIn(links, (link) => !ofBefore[link] || !ofAfter[link]);
  const cuts = new Groups(links.identifiers.length, (tell) => {
    for (const [i, [a, b]] of apart.entries()) {
      const [x, y] = [links.find(a), links.find(b)];
      if (x !== undefined && y !== undefined && rootOf(x) === rootOf(y)) tell(rootOf(x), i);
    }
  });
  for (let root = 0; root < groups.count; root += 1) {
    const within = groups.of(root);
    if (within.length === 0) continue;
    const cutHere = [...cuts.of(root)].map((i) => apart[i]).filter((pair) => pair !== undefined);
    yield {
      before: named(links, within, ofBefore, before, cutHere),
      after: named(links, within, ofAfter, after, cutHere),
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
      for (const [partner, refusal] of judgePartners(links.nameOf(z), partners, both[i]))
        if (refusal) refused[i][linkTo.get(partner) ?? 0] = 1;
    }
  }
  return refused;
}

function componentsIn(links: LinkList, isIn: (link: number) => boolean) {
  const components = new Components(links.identifiers.length);
  for (let link = 0; link < links.size; link += 1) if (isIn(link)) components.join(...links.endsOf(link));
  const rootOf = (z: number) => components.rootOf(z);
  const groups = new Groups(links.identifiers.length, (tell) => {
    for (let link = 0; link < links.size; link += 1)
      if (isIn(link)) tell(rootOf(links.endsOf(link)[0]), link);
  });
  return { groups, rootOf };
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
  if (apart.length === 0 && agreed.length === within.length && isOneProfile(names, within.length, rules)) {
    const first = firstOf(links, members, rules);
    return new Map([...names.keys()].map((z) => [z, first]));
  }
  const eligible = [...agreed].map((link) => linkOf(links, link));
  for (const component of componentsOf(eligible)) {
    const { kept } = earliest(component, rules.bounds);
    const { groups } = Resolution.of(kept, rules, apart);
    for (const [z, { first }] of groups) names.set(z, first);
  }
  return names;
}

/**
 * Whether all that hang together may be one profile: then no order of joining matters, and none need be found. So it
 * is with nearly all people.
 */
function isOneProfile(names: ReadonlyMap<Identifier, unknown>, links: number, rules: IdentityRules): boolean {
  const { bounds } = rules;
  if (names.size > bounds.members || links > bounds.links || links > MOST_SIMPLE_LINKS) return false;
  const counts = new Map<string, number>();
  for (const z of names.keys()) {
    const namespace = namespaceOf(z);
    const count = 1 + (counts.get(namespace) ?? 0);
    if (count > rules.ruleOf(namespace).limit) return false;
    counts.set(namespace, count);
  }
  return true;
}

/** So few that their text cannot be more than a component may have. */
const MOST_SIMPLE_LINKS = 100;

function firstOf(links: LinkList, members: Iterable<number>, rules: IdentityRules): Identifier {
  const priority = (z: number) => rules.ruleOf(namespaceOf(links.nameOf(z))).priority;
  const isBefore = (a: number, b: number) =>
    ((links.firstSeen[a] ?? 0) - (links.firstSeen[b] ?? 0) ||
      priority(a) - priority(b) ||
      compareByDigest(links.nameOf(a), links.nameOf(b))) < 0;
  return links.nameOf([...members].reduce((a, b) => (isBefore(a, b) ? a : b)));
}

function linkOf(links: LinkList, link: number): Link {
  const [a, b] = links.endsOf(link);
  const pair = pairOf(links.nameOf(a), links.nameOf(b));
  const [first, second] = pair[0] === links.nameOf(a) ? [a, b] : [b, a];
  const endsFirstSeen = [links.firstSeen[first] ?? 0, links.firstSeen[second] ?? 0] as const;
  return { pair, eligible: true, firstSeen: links.timeOf(link), endsFirstSeen };
}
