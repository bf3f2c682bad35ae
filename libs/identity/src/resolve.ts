import { compareByDigest, digest, namespaceOf, namespacePriority, type Identifier } from '@tributary/kernel';
import { MAX_IDENTIFIERS, type IdentityRules } from './rules.js';

/** The two ends of a link, the greater by digest first: it owns the link. */
export type Pair = readonly [Identifier, Identifier];

/** A link as both its ends see it; times are the smallest `receivedAt`, in milliseconds since 1970. */
export interface Link {
  readonly pair: Pair;
  readonly eligible: boolean;
  readonly firstSeen: number;
  /** First seen of the ends themselves, over all their events, in the order of the pair. */
  readonly endsFirstSeen: readonly [number, number];
}

/** Puts two identifiers in the order of a pair. */
export function pairOf(a: Identifier, b: Identifier): Pair {
  return compareByDigest(a, b) > 0 ? [a, b] : [b, a];
}

/** The pair as text, for a key. */
export function pairKey([a, b]: Pair): string {
  return `${a}\n${b}`;
}

/**
 * One end's own judgement of its partners (identifier → first seen), from nothing but them: those through which it
 * may join. A hub joins through none; of the others, the earliest of each namespace up to its limit.
 */
export function eligiblePartners(
  me: Identifier,
  partners: ReadonlyMap<Identifier, number>,
  rules: IdentityRules,
): ReadonlySet<Identifier> {
  const eligible = new Set<Identifier>();
  if (rules.isBlocked(me)) return eligible;
  const byNamespace = new Map<string, Identifier[]>();
  for (const partner of partners.keys()) {
    if (rules.isBlocked(partner)) continue;
    const same = byNamespace.get(namespaceOf(partner));
    if (same) same.push(partner);
    else byNamespace.set(namespaceOf(partner), [partner]);
  }
  for (const [namespace, same] of byNamespace) {
    if (same.length > rules.ruleOf(namespace).hub) return new Set();
  }
  for (const [namespace, same] of byNamespace) {
    same.sort((a, b) => (partners.get(a) ?? 0) - (partners.get(b) ?? 0) || compareByDigest(a, b));
    for (const partner of same.slice(0, rules.ruleOf(namespace).limit)) eligible.add(partner);
  }
  return eligible;
}

interface Group {
  readonly members: Identifier[];
  readonly counts: Map<string, number>;
}

/**
 * Who is one person, of the links of one component: joins them earliest first, and refuses what would break a limit
 * or bring together two that are to be kept apart. Pure: no order of arrival enters. Answers with the identifier
 * that names each one's profile: the first seen of its members, then by namespace, then by digest.
 */
export function resolve(
  links: Iterable<Link>,
  rules: IdentityRules,
  apart: readonly Pair[] = [],
): ReadonlyMap<Identifier, Identifier> {
  const all = [...links];
  const firstSeen = new Map<Identifier, number>();
  for (const { pair, endsFirstSeen } of all) {
    for (const i of [0, 1] as const) {
      firstSeen.set(pair[i], Math.min(endsFirstSeen[i], firstSeen.get(pair[i]) ?? Infinity));
    }
  }
  const groups = new Map<Identifier, Group>(
    [...firstSeen.keys()].map((z) => [z, { members: [z], counts: new Map([[namespaceOf(z), 1]]) }]),
  );
  for (const { pair } of inOrder(all.filter((link) => link.eligible))) {
    const [a, b] = [groups.get(pair[0]), groups.get(pair[1])];
    if (!a || !b || a === b || !fits(a, b, rules) || separates(a, b, apart)) continue;
    join(a, b, groups);
  }
  const named = new Map<Group, Identifier>();
  for (const group of new Set(groups.values())) named.set(group, firstOf(group.members, firstSeen));
  return new Map([...groups].map(([z, group]) => [z, named.get(group) ?? z]));
}

function inOrder(links: readonly Link[]): readonly Link[] {
  const keyed = links.map((link) => ({
    link,
    priorities: link.pair.map((z) => namespacePriority(namespaceOf(z))).sort((a, b) => a - b),
    hash: link.pair.map(digest).join(''),
  }));
  keyed.sort(
    (a, b) =>
      a.link.firstSeen - b.link.firstSeen ||
      (a.priorities[0] ?? 0) - (b.priorities[0] ?? 0) ||
      (a.priorities[1] ?? 0) - (b.priorities[1] ?? 0) ||
      (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0),
  );
  return keyed.map(({ link }) => link);
}

function fits(a: Group, b: Group, rules: IdentityRules): boolean {
  if (a.members.length + b.members.length > MAX_IDENTIFIERS) return false;
  for (const [namespace, count] of a.counts) {
    if (count + (b.counts.get(namespace) ?? 0) > rules.ruleOf(namespace).limit) return false;
  }
  return true;
}

function separates(a: Group, b: Group, apart: readonly Pair[]): boolean {
  return apart.some(
    ([x, y]) =>
      (a.members.includes(x) && b.members.includes(y)) || (a.members.includes(y) && b.members.includes(x)),
  );
}

function join(a: Group, b: Group, groups: Map<Identifier, Group>): void {
  const [large, small] = a.members.length >= b.members.length ? [a, b] : [b, a];
  for (const z of small.members) {
    large.members.push(z);
    groups.set(z, large);
  }
  for (const [namespace, count] of small.counts) {
    large.counts.set(namespace, count + (large.counts.get(namespace) ?? 0));
  }
}

function firstOf(members: readonly Identifier[], firstSeen: ReadonlyMap<Identifier, number>): Identifier {
  return members.reduce((best, z) => {
    const order =
      (firstSeen.get(z) ?? Infinity) - (firstSeen.get(best) ?? Infinity) ||
      namespacePriority(namespaceOf(z)) - namespacePriority(namespaceOf(best)) ||
      compareByDigest(z, best);
    return order < 0 ? z : best;
  });
}
