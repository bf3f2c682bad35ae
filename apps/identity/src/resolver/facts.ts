import type { LinkPart } from '@tributary/contracts';
import type { LinkFact, Message, Received } from '@tributary/identity';
import type { Identifier } from '@tributary/kernel';

type FactsPart = Extract<LinkPart, { kind: 'facts' }>;
type Facts = Extract<Message, { kind: 'facts' }>;

/** Facts as they are written: each identifier once, for in a component nearly all are on several links. */
export function toFactsPart({ from, facts, splits, edge, open, whole }: Facts): FactsPart {
  const places = new Map<Identifier, number>();
  const placeOf = (z: Identifier) => {
    let place = places.get(z);
    if (place === undefined) places.set(z, (place = places.size));
    return place;
  };
  const written = facts.map(
    ({ pair, eligible, firstSeen, endsFirstSeen, version }): FactsPart['facts'][number] => [
      ...([placeOf(pair[0]), placeOf(pair[1])] as const),
      ...([eligible ? 1 : 0, firstSeen, ...endsFirstSeen, version] as const),
    ],
  );
  return {
    ...{ kind: 'facts', from, ids: [...places.keys()], facts: written, open },
    ...(splits &&
      splits.length > 0 && { splits: splits.map(({ pair, ...rest }) => ({ pair: [...pair], ...rest })) }),
    ...(edge && { edge: [...edge] }),
    ...(whole && { whole }),
  };
}

export function fromFactsPart(part: FactsPart): Extract<Received, { kind: 'facts' }> {
  const idAt = (place: number) => part.ids[place] as Identifier;
  const facts = part.facts.map(([a, b, eligible, firstSeen, ofA, ofB, version]): LinkFact => ({
    ...{ pair: [idAt(a), idAt(b)], eligible: eligible === 1, firstSeen, endsFirstSeen: [ofA, ofB], version },
  }));
  return { ...part, facts } as unknown as Extract<Received, { kind: 'facts' }>;
}
