import type { IdentityRules, Pair } from '@tributary/identity';
import type { Identifier } from '@tributary/kernel';
import { componentOf, keyOf, refusedIn } from './component.js';
import type { StoredLink } from './stored-links.js';
import type { ClickHouseIdentityGraph } from './clickhouse.identity-graph.js';
import type { Refusal } from './graph.dto.js';
import { endRefusal, profileRefusal, refusingEnd } from './refusal.js';

/**
 * A link, and what became of it: it joins its ends; it was refused; or neither is known yet, for an end has not spoken
 * or the resolution is under way.
 */
export type DecidedLink = { readonly link: StoredLink } & (
  { readonly state: 'joined' | 'pending' } | { readonly state: 'refused'; readonly refusal: Refusal }
);

/**
 * Of links that touch the members of a profile. Refusals of an end stand in the tables; those of resolution are
 * computed as its resolver does, from all links that hang together with the profile.
 */
export async function decidedLinks(
  graph: ClickHouseIdentityGraph,
  links: readonly StoredLink[],
  members: ReadonlySet<Identifier>,
  rules: IdentityRules,
  apart: readonly Pair[],
): Promise<readonly DecidedLink[]> {
  const supernodes = links.map(refusingEnd).filter((end) => end?.refusal === 'supernode');
  const counts = await graph.partnersOf([...new Set(supernodes.flatMap((end) => end?.identifier ?? []))]);
  const isInside = ({ ends }: StoredLink) => ends.every(({ identifier }) => members.has(identifier));
  const isAgreed = ({ ends }: StoredLink) => ends.every(({ refusal }) => refusal === '');
  const component = links.some((link) => isAgreed(link) && !isInside(link))
    ? await componentOf(graph, [...members])
    : [];
  const refused = refusedIn(component ?? [], rules, within(apart, component ?? []));
  return links.map((link): DecidedLink => {
    const end = refusingEnd(link);
    if (end) return { link, state: 'refused', refusal: endRefusal(link, end, rules, counts) };
    if (!isAgreed(link)) return { link, state: 'pending' };
    if (isInside(link)) return { link, state: 'joined' };
    const refusal = refused.get(keyOf(link));
    if (component && !refusal) return { link, state: 'pending' };
    return { link, state: 'refused', refusal: profileRefusal(refusal, rules) };
  });
}

/** Only splits between two of them can matter to links. */
function within(apart: readonly Pair[], links: readonly StoredLink[]): readonly Pair[] {
  const reached = new Set(links.flatMap(({ ends }) => ends.map(({ identifier }) => identifier)));
  return apart.filter(([a, b]) => reached.has(a) && reached.has(b));
}
