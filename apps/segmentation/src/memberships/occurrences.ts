import {
  knownOf,
  latestOf,
  mergeKnown,
  type Aggregate,
  type FoldedAggregate,
  type KnownAggregate,
  type OccurrenceEntry,
} from '@tributary/audiences';
import { aggregateFacts, type AggregateFact, type ProfileFragments } from '@tributary/profiles';

const LATEST = { kind: 'latest' } as const;

/** What the fragments attached know of an aggregate together; undefined where none has met it. */
export function knownIn(fragments: ProfileFragments, { hash }: Aggregate): KnownAggregate | undefined {
  const states = aggregateFacts(fragments, hash);
  if (states.length === 0) return undefined;
  return mergeKnown(
    LATEST,
    states.map((state) => knownOf(LATEST, state as FoldedAggregate)),
  );
}

/** The occurrences of an aggregate that the fragments attached know, latest first. */
export function occurrencesOf(
  fragments: ProfileFragments,
  aggregate: Aggregate,
): readonly OccurrenceEntry[] | undefined {
  const known = knownIn(fragments, aggregate);
  return known && latestOf(known);
}

/** The id of the latest occurrence that one fragment knows. */
export function latestIdOf(fact: AggregateFact): string | undefined {
  return latestOf(knownOf(LATEST, fact as FoldedAggregate))[0]?.[1];
}
