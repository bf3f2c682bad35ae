import { computeTrait } from '../computed/compute.js';
import type { ComputedTrait } from '../computed/computed-trait.js';
import type { Comparison } from '../filter.js';
import { compares } from '../values.js';
import type { Expression } from './expressions.js';
import { comparisonAtSql } from './filters.sql.js';
import { elementsSql } from './paths.sql.js';
import { traitQuery, type TraitQueryOptions } from './trait-query.js';

/** For whom a computed trait stands in a comparison. */
export interface ValueSql {
  /** A condition on `profile_id`. */
  readonly test: Expression;
  /** Whether it holds for people without an event that the trait reads. */
  readonly ofNothing: boolean;
}

/**
 * For whom a computed trait stands in a comparison at an instant, as {@link traitQuery} has it. A count or sum of people
 * without an event is 0; every other value of theirs is absent.
 */
export function valueQuery(
  trait: ComputedTrait,
  comparison: Comparison,
  options: TraitQueryOptions,
): ValueSql {
  const ofNothing = compares(computeTrait(trait, () => undefined, options.at).value, comparison, options.at);
  const holds = comparisonAtSql('tested', comparison, options);
  const among = `profile_id ${ofNothing ? 'NOT IN' : 'IN'} (SELECT profile_id FROM (
SELECT profile_id, ${elementsSql("[ifNull(value, 'null')]")} AS tested FROM (${everyValue(trait, options)})
) WHERE ${ofNothing ? `NOT (${holds})` : holds})`;
  return { test: among, ofNothing };
}

/** Also of those whose events have no value: their trait is absent, which is not what it is of those without an event. */
function everyValue(trait: ComputedTrait, options: TraitQueryOptions): string {
  return traitQuery(trait, { ...options, isWithAbsent: true });
}
