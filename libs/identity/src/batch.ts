import type { Identifier } from '@tributary/kernel';
import { eligibilityOfPartners, type EndRefusal } from './eligibility.js';
import { componentsOf } from './components.js';
import { earliest, pairKey, pairOf, type Link, type Pair } from './link.js';
import { Resolution, type LinkRefusal } from './resolution.js';
import type { IdentityRules } from './rules.js';

/** An event as identity sees it: who occurred on it, and when it was received, in milliseconds since 1970. */
export interface Occurrence {
  readonly identifiers: readonly Identifier[];
  readonly receivedAt: number;
}

/** What becomes of everybody, and of each link that joins nobody. */
export interface Resolved {
  /** Each identifier to the one that names its profile. */
  readonly named: ReadonlyMap<Identifier, Identifier>;
  /** By the key of the pair, why the link joins nothing: an end's eligibility, or what the profile would have broken. */
  readonly refused: ReadonlyMap<string, Refusal>;
}

export type Refusal = LinkRefusal | { readonly rule: EndRefusal; readonly end: Identifier };

/**
 * The direct computation over all events at once. It is what the resolvers must come to, and shares with them nothing
 * but the decisions.
 */
export function resolveAll(
  occurrences: Iterable<Occurrence>,
  rules: IdentityRules,
  apart: readonly Pair[] = [],
): Resolved {
  const firstSeen = new Map<Identifier, number>();
  const seen = new Map<string, { readonly pair: Pair; firstSeen: number }>();
  for (const { identifiers, receivedAt } of occurrences) {
    for (const [i, a] of identifiers.entries()) {
      firstSeen.set(a, Math.min(receivedAt, firstSeen.get(a) ?? Infinity));
      for (const b of identifiers.slice(i + 1)) {
        const pair = pairOf(a, b);
        const known = seen.get(pairKey(pair)) ?? { pair, firstSeen: Infinity };
        known.firstSeen = Math.min(receivedAt, known.firstSeen);
        seen.set(pairKey(pair), known);
      }
    }
  }
  return resolveSeen(firstSeen, seen.values(), rules, apart);
}

/** The same, of who was first seen when, alone and together. */
export function resolveSeen(
  firstSeen: ReadonlyMap<Identifier, number>,
  pairs: Iterable<{ readonly pair: Pair; readonly firstSeen: number }>,
  rules: IdentityRules,
  apart: readonly Pair[] = [],
): Resolved {
  const seen = [...pairs];
  const partners = new Map<Identifier, Map<Identifier, number>>();
  for (const { pair, firstSeen: at } of seen) {
    partnersOf(partners, pair[0]).set(pair[1], at);
    partnersOf(partners, pair[1]).set(pair[0], at);
  }
  const decided = new Map([...partners].map(([z, own]) => [z, eligibilityOfPartners(z, own, rules)]));
  const refused = new Map<string, Refusal>();
  const links = new Map<string, Link>();
  for (const { pair, firstSeen: at } of seen) {
    const key = pairKey(pair);
    for (const [end, other] of [pair, [pair[1], pair[0]] as const]) {
      const rule = decided.get(end)?.get(other);
      if (rule) refused.set(key, { rule, end });
    }
    const endsFirstSeen = [firstSeen.get(pair[0]) ?? at, firstSeen.get(pair[1]) ?? at] as const;
    links.set(key, { pair, eligible: !refused.has(key), firstSeen: at, endsFirstSeen });
  }
  const resolved = resolveEligible(
    [...links.values()].filter(({ eligible }) => eligible),
    rules,
    apart,
  );
  const named = new Map([...firstSeen.keys()].map((z) => [z, resolved.named.get(z) ?? z]));
  return { named, refused: new Map<string, Refusal>([...refused, ...resolved.refused]) };
}

/**
 * What becomes of links that both their ends agree to: who of those on them is one person, each by the identifier that
 * names the profile, and which links join nobody, by the key of the pair.
 */
export function resolveEligible(
  links: readonly Link[],
  rules: IdentityRules,
  apart: readonly Pair[] = [],
): {
  readonly named: ReadonlyMap<Identifier, Identifier>;
  readonly refused: ReadonlyMap<string, LinkRefusal>;
} {
  const named = new Map<Identifier, Identifier>();
  const refused = new Map<string, LinkRefusal>();
  for (const component of componentsOf(links)) {
    const { kept, deadLetter } = earliest(component, rules.bounds);
    for (const { pair } of deadLetter) {
      refused.set(pairKey(pair), { rule: 'beyond_bound' });
      for (const z of pair) named.set(z, z);
    }
    const resolution = Resolution.of(kept, rules, apart);
    for (const [z, { first }] of resolution.groups) named.set(z, first);
    for (const [key, refusal] of resolution.refused) refused.set(key, refusal);
  }
  return { named, refused };
}

function partnersOf(
  partners: Map<Identifier, Map<Identifier, number>>,
  of: Identifier,
): Map<Identifier, number> {
  let own = partners.get(of);
  if (!own) partners.set(of, (own = new Map<Identifier, number>()));
  return own;
}
