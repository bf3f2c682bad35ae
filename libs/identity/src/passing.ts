import type { Identifier } from '@tributary/kernel';
import { Components } from './components.js';
import type { Eligibility, LinkFact, Message } from './messages.js';
import type { MessageContext } from './message-context.js';
import type { PassedEligibility, PassedLink, Seen } from './observations.js';

/** As whom it is addressed to takes it in. */
type Passing = Omit<Seen, 'to'>;

/** What those before said to me. */
export function* saidTo(me: Identifier, { ids, said }: Passing): Iterable<Eligibility> {
  for (const [end, other, firstSeen, endFirstSeen, version, refusal] of said) {
    const [from, to] = [ids[end], ids[other]];
    if (from === undefined || to !== me) continue;
    yield { end: from, other: to, ...(refusal && { refusal }), firstSeen, endFirstSeen, version };
  }
}

/** Who of these, all smaller than me, are not connected to a smaller one of them by what goes along. */
export function unconnected(
  { ids, links }: Pick<Seen, 'ids' | 'links'>,
  others: readonly Identifier[],
): readonly Identifier[] {
  const components = new Components(ids.length);
  for (const group of links) for (const [a, b] of group.links) components.join(a, b);
  const taken = new Set<number>();
  return ids.filter((z, place) => {
    if (!others.includes(z)) return false;
    const leader = components.leaderOf(place);
    if (taken.has(leader)) return false;
    taken.add(leader);
    return true;
  });
}

/** Hands on what goes from one to the next; from the last, the links that were agreed on go to their leaders. */
export function passOn(
  context: MessageContext,
  seen: Passing,
  {
    mine,
    to,
    bringsMore,
  }: { readonly mine: readonly LinkFact[]; readonly to: Identifier; readonly bringsMore: boolean },
): void {
  const { me, out } = context;
  const { ids } = seen;
  const place = ids.indexOf(me);
  const more = bringsMore || seen.bringsMore === true;
  const next = ids[place + 1];
  if (next === undefined) {
    const facts = agreedOn(seen);
    for (const fact of mine) gather(facts, to, fact);
    out.push(...toLeaders(me, facts, !more));
    return;
  }
  const links =
    mine.length === 0
      ? seen.links
      : withLinks(
          seen,
          to,
          mine.map((fact) => passedOf(ids, fact)),
        );
  out.push({
    ...{ kind: 'seen', to: next, ids, firstSeen: seen.firstSeen },
    ...(seen.news && { news: seen.news }),
    said: [
      ...seen.said.filter(([end, other]) => end < place && other > place),
      ...ofMine(context, seen, place),
    ],
    links,
    ...(more && { bringsMore: true }),
  } satisfies Message);
}

/** The message without one of its identifiers, to the one behind that; from the last, what the others agreed on. */
export function strikeOut(seen: Passing, struck: Identifier): readonly Message[] {
  const place = seen.ids.indexOf(struck);
  const ids = seen.ids.filter((z) => z !== struck);
  const next = ids[place];
  if (next === undefined) return toLeaders(ids.at(-1) ?? struck, agreedOn(seen), false);
  if (ids.length < 2) return [];
  const moved = (of: number) => (of > place ? of - 1 : of);
  const { said, links, news, firstSeen } = seen;
  return [
    {
      ...{ kind: 'seen', to: next, ids, firstSeen },
      ...(news && news[0] !== place && { news: [moved(news[0]), news[1]] as const }),
      said: said.flatMap(([end, other, ...rest]): PassedEligibility[] =>
        end === place || other <= place ? [] : [[moved(end), moved(other), ...rest]],
      ),
      links: links.map(({ to, links: agreed }) => ({
        to,
        links: agreed.map(([a, b, ...rest]): PassedLink => [moved(a), moved(b), ...rest]),
      })),
      bringsMore: true,
    },
  ];
}

function agreedOn({ ids, links }: Passing): Map<Identifier, LinkFact[]> {
  const facts = new Map<Identifier, LinkFact[]>();
  for (const group of links) for (const link of group.links) gather(facts, group.to, factOf(ids, link));
  return facts;
}

function toLeaders(
  from: Identifier,
  facts: ReadonlyMap<Identifier, readonly LinkFact[]>,
  isWhole: boolean,
): readonly Message[] {
  return [...facts].map(([to, all]) => ({
    ...{ kind: 'facts', to, from, facts: all, open: false },
    ...(isWhole && { whole: true }),
  }));
}

function ofMine(
  { me, state, offset }: MessageContext,
  { ids, firstSeen }: Passing,
  place: number,
): readonly PassedEligibility[] {
  const passed: PassedEligibility[] = [];
  for (let other = place + 1; other < ids.length; other += 1) {
    const z = ids[other];
    if (z === undefined || z === me) continue;
    if (state.tooManyPartners) {
      passed.push([place, other, firstSeen, state.firstSeen ?? firstSeen, offset, 'too_many_partners']);
      continue;
    }
    const said = state.partners[z]?.said;
    if (!said) continue;
    passed.push([place, other, ...said]);
  }
  return passed;
}

function withLinks({ links }: Passing, to: Identifier, mine: readonly PassedLink[]): Seen['links'] {
  const same = links.find((group) => group.to === to);
  if (!same) return [...links, { to, links: mine }];
  return links.map((group) => (group === same ? { to, links: [...same.links, ...mine] } : group));
}

function gather(facts: Map<Identifier, LinkFact[]>, to: Identifier, fact: LinkFact): void {
  const known = facts.get(to);
  if (known) known.push(fact);
  else facts.set(to, [fact]);
}

function passedOf(
  ids: readonly Identifier[],
  { pair, firstSeen, endsFirstSeen, version }: LinkFact,
): PassedLink {
  return [ids.indexOf(pair[0]), ids.indexOf(pair[1]), firstSeen, ...endsFirstSeen, version];
}

function factOf(ids: readonly Identifier[], [a, b, firstSeen, ofA, ofB, version]: PassedLink): LinkFact {
  const pair = [ids[a] ?? NOBODY, ids[b] ?? NOBODY] as const;
  return { pair, eligible: true, firstSeen, endsFirstSeen: [ofA, ofB], version };
}

const NOBODY = '' as Identifier;
