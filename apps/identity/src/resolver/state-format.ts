import { pairKey, type Pair, type ResolverState } from '@tributary/identity';
import { digest, type Identifier } from '@tributary/kernel';
import type { StateFormat } from '@tributary/state';
import { BUILT_IN } from './rules-history.js';

interface FirstEligibility {
  readonly eligible: boolean;
  readonly firstSeen: number;
  readonly endFirstSeen: number;
  readonly version: number;
}

/** The first format: no rules, no splits, no reasons, and supernodes that kept no more partners than had made them one. */
interface FirstState {
  readonly firstSeen: number | null;
  readonly partners: Readonly<Record<string, number>>;
  readonly isSupernode: boolean;
  readonly published: Readonly<Record<string, Omit<FirstEligibility, 'version'>>>;
  readonly pending: Readonly<Record<string, number>>;
  readonly through: number;
  readonly links: Readonly<
    Record<
      string,
      { readonly mine?: FirstEligibility; readonly theirs?: FirstEligibility; readonly wasEligible?: boolean }
    >
  >;
  readonly parent: Identifier;
  readonly facts: Readonly<
    Record<
      string,
      {
        readonly pair: Pair;
        readonly eligible: boolean;
        readonly firstSeen: number;
        readonly endsFirstSeen: readonly [number, number];
        readonly version: number;
      }
    >
  >;
  readonly open: readonly Identifier[];
  readonly answered: Readonly<Record<string, Identifier>>;
  readonly fresh: readonly string[];
  readonly answer?: ResolverState['answer'];
  readonly assignment?: ResolverState['assignment'];
}

/** The formats of the resolver's states. */
export const IDENTITY_STATE_FORMAT: StateFormat = {
  version: 2,
  migrations: { 1: (state) => second(state as FirstState) },
};

function second(first: FirstState): ResolverState {
  const { firstSeen, pending, through, parent, answer, assignment } = first;
  const component = leaderOf(first);
  return {
    rules: BUILT_IN,
    firstSeen,
    partners: partnersOf(first),
    // Whom else it met is forgotten: no rule can release it.
    ...(first.isSupernode && { tooManyPartners: true as const }),
    pending: { ...pending },
    through,
    parent,
    ...(component && { component }),
    ...(answer && { answer }),
    ...(assignment && { assignment }),
  };
}

function partnersOf({ partners, published, links, isSupernode }: FirstState): ResolverState['partners'] {
  const eligibility = ({ eligible, ...rest }: FirstEligibility) => ({
    ...rest,
    ...(!eligible && { refusal: isSupernode ? ('supernode' as const) : ('limit' as const) }),
  });
  const both: ResolverState['partners'] = {};
  for (const [partner, at] of Object.entries(partners)) {
    const said = links[partner]?.mine ?? (published[partner] && { ...published[partner], version: -1 });
    both[partner] = { at, ...(said && { said: eligibility(said) }) };
  }
  for (const [partner, { theirs, wasEligible }] of Object.entries(links)) {
    both[partner] = {
      ...both[partner],
      ...(theirs && { theirs: eligibility(theirs) }),
      ...(wasEligible && { wasEligible }),
    };
  }
  return both;
}

function leaderOf({ facts, open, answered, fresh }: FirstState): ResolverState['component'] {
  const known = Object.values(facts);
  if (known.length === 0) return undefined;
  const keyOf = (firstKey: string) => {
    const fact = facts[firstKey];
    return fact ? [[pairKey(fact.pair), 1] as const] : [];
  };
  return {
    links: Object.fromEntries(
      known.map(({ pair, eligible, firstSeen, endsFirstSeen: [a, b], version }) => [
        pairKey(pair),
        [eligible ? 1 : 0, firstSeen, a, b, version] as const,
      ]),
    ),
    splits: {},
    answered: Object.fromEntries(
      Object.entries(answered).flatMap(([z, named]) => (z === named ? [] : [[z, digest(named)]])),
    ),
    fresh: Object.fromEntries(fresh.flatMap(keyOf)),
    open: [...open],
  };
}
