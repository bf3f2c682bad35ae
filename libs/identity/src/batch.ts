import type { Identifier } from '@tributary/kernel';
import { eligiblePartners, pairKey, pairOf, resolve, type Link, type Pair } from './resolve.js';
import type { IdentityRules } from './rules.js';

/** An event as identity sees it: who occurred on it, and when it was received, in milliseconds since 1970. */
export interface Occurrence {
  readonly identifiers: readonly Identifier[];
  readonly receivedAt: number;
}

/**
 * The direct computation over all events at once: each identifier to the one that names its profile. It is what the
 * resolvers must come to, and shares with them nothing but the two judgements.
 */
export function resolveAll(
  occurrences: readonly Occurrence[],
  rules: IdentityRules,
): ReadonlyMap<Identifier, Identifier> {
  const firstSeen = new Map<Identifier, number>();
  const partners = new Map<Identifier, Map<Identifier, number>>();
  const pairs = new Map<string, { readonly pair: Pair; firstSeen: number }>();
  for (const { identifiers, receivedAt } of occurrences) {
    for (const [i, a] of identifiers.entries()) {
      firstSeen.set(a, Math.min(receivedAt, firstSeen.get(a) ?? Infinity));
      for (const b of identifiers.slice(i + 1)) {
        const pair = pairOf(a, b);
        const known = pairs.get(pairKey(pair)) ?? { pair, firstSeen: Infinity };
        known.firstSeen = Math.min(receivedAt, known.firstSeen);
        pairs.set(pairKey(pair), known);
      }
    }
  }
  const partnersOf = (z: Identifier) =>
    partners.get(z) ?? partners.set(z, new Map()).get(z) ?? new Map<Identifier, number>();
  for (const { pair, firstSeen: t } of pairs.values()) {
    partnersOf(pair[0]).set(pair[1], t);
    partnersOf(pair[1]).set(pair[0], t);
  }
  const eligible = new Map([...partners].map(([z, own]) => [z, eligiblePartners(z, own, rules)]));
  const links: Link[] = [...pairs.values()].map(({ pair, firstSeen: t }) => ({
    pair,
    eligible:
      (eligible.get(pair[0])?.has(pair[1]) ?? false) && (eligible.get(pair[1])?.has(pair[0]) ?? false),
    firstSeen: t,
    endsFirstSeen: [firstSeen.get(pair[0]) ?? t, firstSeen.get(pair[1]) ?? t],
  }));
  const named = resolve(links, rules);
  return new Map([...firstSeen.keys()].map((z) => [z, named.get(z) ?? z]));
}
