import {
  knownOf,
  latestOf,
  mergeKnown,
  type Aggregate,
  type FoldedAggregate,
  type OccurrenceEntry,
} from '@tributary/audiences';
import { aggregateFacts, type AggregateFact, type ProfileFragments } from '@tributary/profiles';

const LATEST = { kind: 'latest' } as const;

/** What the fragments attached know of an aggregate together, latest first; undefined where none has met it. */
export function occurrencesOf(
  fragments: ProfileFragments,
  { hash }: Aggregate,
): readonly OccurrenceEntry[] | undefined {
  const states = aggregateFacts(fragments, hash);
  if (states.length === 0) return undefined;
  return latestOf(
    mergeKnown(
      LATEST,
      states.map((state) => knownOf(LATEST, state as FoldedAggregate)),
    ),
  );
}

/** The id of the latest occurrence that one fragment knows. */
export function latestIdOf(fact: AggregateFact): string | undefined {
  return latestOf(knownOf(LATEST, fact as FoldedAggregate))[0]?.[1];
}
