import {
  knownOf,
  knownOfAll,
  lastTimeIn,
  latestOf,
  mergedTrait,
  strategyOf,
  type Aggregate,
  type FoldedAggregate,
  type KnownAggregate,
  type PickedEntry,
} from '@tributary/audiences';
import { aggregateFacts, traitFact, type AggregateFact, type ProfileFragments } from '@tributary/profiles';
import type { Audience } from '../audiences/audiences-in-force.js';

const LATEST = { kind: 'latest' } as const;

/** What the fragments attached know of an aggregate together; undefined where none has met it. */
export function knownIn(fragments: ProfileFragments, aggregate: Aggregate): KnownAggregate | undefined {
  return knownOfAll(aggregate, aggregateFacts(fragments, aggregate.hash) as readonly FoldedAggregate[]);
}

/** A trait as its rule has it: the same that the profile shows. */
export function traitIn(fragments: ProfileFragments, { merges }: Pick<Audience, 'merges'>, name: string) {
  const strategy = strategyOf(merges, name);
  if (strategy === 'latest') return traitFact(fragments, name);
  return mergedTrait(name, strategy, (aggregate) => knownIn(fragments, aggregate)).fact;
}

/** When the latest event was that the fragments attached know of an aggregate; undefined where it keeps no times. */
export function latestTimeOf(fragments: ProfileFragments, aggregate: Aggregate): number | undefined {
  const known = knownIn(fragments, aggregate);
  return known && lastTimeIn(aggregate, known);
}

/** The event of an aggregate that was at an instant, where it keeps events. */
export function eventAt(fragments: ProfileFragments, aggregate: Aggregate, at: number): string | undefined {
  const known = keepsEvents(aggregate) ? knownIn(fragments, aggregate) : undefined;
  return known && latestOf(known).find(([time]) => time === at)?.[1];
}

/**
 * The event behind what one fragment knows of an aggregate: the latest or earliest occurrence, or the call that decides a
 * trait; undefined of what keeps no events.
 */
export function eventBehind(fact: AggregateFact, aggregate: Aggregate | undefined): string | undefined {
  const of = aggregate ?? LATEST;
  const known = knownOf(of, fact as FoldedAggregate);
  if (keepsEvents(of)) return latestOf(known)[0]?.[1];
  return of.kind === 'trait' ? (known.part.entries[0] as PickedEntry | undefined)?.[5] : undefined;
}

function keepsEvents({ kind }: Pick<Aggregate, 'kind'>): boolean {
  return kind === 'latest' || kind === 'earliest';
}
