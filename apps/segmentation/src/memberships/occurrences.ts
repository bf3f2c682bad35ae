import {
  knownOf,
  latestOf,
  mergedTrait,
  strategyOf,
  mergeKnown,
  type Aggregate,
  type FoldedAggregate,
  type KnownAggregate,
  type OccurrenceEntry,
  type PickedEntry,
} from '@tributary/audiences';
import { aggregateFacts, traitFact, type AggregateFact, type ProfileFragments } from '@tributary/profiles';
import type { Audience } from '../audiences/audiences-in-force.js';

const LATEST = { kind: 'latest' } as const;

/** What the fragments attached know of an aggregate together; undefined where none has met it. */
export function knownIn(fragments: ProfileFragments, aggregate: Aggregate): KnownAggregate | undefined {
  const states = aggregateFacts(fragments, aggregate.hash);
  if (states.length === 0) return undefined;
  return mergeKnown(
    aggregate,
    states.map((state) => knownOf(aggregate, state as FoldedAggregate)),
  );
}

/** A trait as its rule has it: the same that the profile shows. */
export function traitIn(fragments: ProfileFragments, { merges }: Pick<Audience, 'merges'>, name: string) {
  const strategy = strategyOf(merges, name);
  if (strategy === 'latest') return traitFact(fragments, name);
  return mergedTrait(name, strategy, (aggregate) => knownIn(fragments, aggregate)).fact;
}

/** The occurrences of an aggregate that the fragments attached know, latest first. */
export function occurrencesOf(
  fragments: ProfileFragments,
  aggregate: Aggregate,
): readonly OccurrenceEntry[] | undefined {
  const known = knownIn(fragments, aggregate);
  return known && latestOf(known);
}

/** The event behind what one fragment knows of an aggregate: the latest occurrence, or the call that decides a trait. */
export function eventBehind(fact: AggregateFact, aggregate: Aggregate | undefined): string | undefined {
  const of = aggregate ?? LATEST;
  const known = knownOf(of, fact as FoldedAggregate);
  if (of.kind === 'latest') return latestOf(known)[0]?.[1];
  return of.kind === 'trait' ? (known.part.entries[0] as PickedEntry | undefined)?.[5] : undefined;
}
