import {
  pairKey,
  pairOf,
  resolveEligible,
  type IdentityRules,
  type Link,
  type LinkRefusal,
  type Pair,
} from '@tributary/identity';
import type { Identifier } from '@tributary/kernel';
import type { ClickHouseIdentityGraph } from './clickhouse.identity-graph.js';
import type { StoredLink } from './stored-links.js';

/** Twice as many as decide in a component; and so far from the profile as nobody looks. */
const MOST_LINKS = 20_000;
const MOST_ROUNDS = 64;

/**
 * All links that hang together with these identifiers and that both their ends agree to; undefined where there are
 * too many to look at.
 */
export async function componentOf(
  graph: ClickHouseIdentityGraph,
  identifiers: readonly Identifier[],
): Promise<readonly StoredLink[] | undefined> {
  const links = new Map<string, StoredLink>();
  const reached = new Set(identifiers);
  let frontier = identifiers;
  for (let round = 0; frontier.length > 0; round += 1) {
    const found = await graph.eligibleLinksOf(frontier, MOST_LINKS + 1);
    for (const link of found) links.set(keyOf(link), link);
    if (links.size > MOST_LINKS || found.length > MOST_LINKS || round === MOST_ROUNDS) return undefined;
    frontier = [...new Set(found.flatMap(({ ends }) => ends.map(({ identifier }) => identifier)))].filter(
      (z) => !reached.has(z),
    );
    for (const z of frontier) reached.add(z);
  }
  return [...links.values()];
}

/** What resolution refuses of such links, by the key of the pair, as the resolver that owns them does. */
export function refusedIn(
  links: readonly StoredLink[],
  rules: IdentityRules,
  apart: readonly Pair[],
): ReadonlyMap<string, LinkRefusal> {
  return resolveEligible(links.map(toLink), rules, apart).refused;
}

export function keyOf({ ends: [a, b] }: Pick<StoredLink, 'ends'>): string {
  return pairKey(pairOf(a.identifier, b.identifier));
}

function toLink({ ends: [a, b], firstSeen }: StoredLink): Link {
  const pair = pairOf(a.identifier, b.identifier);
  const endsFirstSeen: [number, number] =
    pair[0] === a.identifier ? [a.firstSeen, b.firstSeen] : [b.firstSeen, a.firstSeen];
  return { pair, eligible: true, firstSeen, endsFirstSeen };
}
