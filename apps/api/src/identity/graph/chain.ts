import type { Identifier } from '@tributary/kernel';
import type { StoredLink } from './stored-links.js';

/** The shortest chain of links that leads from one to the other, of equal ones the earliest seen; undefined: none does. */
export function chainOf(
  links: readonly StoredLink[],
  from: Identifier,
  to: Identifier,
): readonly StoredLink[] | undefined {
  const linksOf = new Map<Identifier, StoredLink[]>();
  for (const link of [...links].sort((a, b) => a.firstSeen - b.firstSeen)) {
    for (const { identifier } of link.ends) {
      const own = linksOf.get(identifier);
      if (own) own.push(link);
      else linksOf.set(identifier, [link]);
    }
  }
  const cameBy = new Map<Identifier, { readonly link: StoredLink; readonly from: Identifier } | undefined>([
    [from, undefined],
  ]);
  // Entries that are added while it is walked are walked, too: breadth first.
  for (const z of cameBy.keys()) {
    if (z === to) break;
    for (const link of linksOf.get(z) ?? []) {
      for (const { identifier } of link.ends)
        if (!cameBy.has(identifier)) cameBy.set(identifier, { link, from: z });
    }
  }
  if (!cameBy.has(to)) return undefined;
  const chain: StoredLink[] = [];
  for (let step = cameBy.get(to); step; step = cameBy.get(step.from)) chain.unshift(step.link);
  return chain;
}
