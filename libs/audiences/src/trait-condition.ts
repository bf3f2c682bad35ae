import { agesChangeAt } from './ages.js';
import { bordersAround } from './aggregates/read-aggregate.js';
import type { TraitCondition } from './definition.js';
import type { Facts, TraitFact } from './facts.js';
import { standingOf, type TimedCondition } from './timed-condition.js';
import { valueAt } from './value-at.js';
import { compares, scalarsOf } from './values.js';

/** Only a trait's latest value is known; before it was set, the condition counts as having been the opposite. */
export function traitInTime({ name, comparison }: TraitCondition, facts: Facts, now: number): TimedCondition {
  const fact = factOfTrait(facts, name);
  const borders = agesChangeAt(scalarsOf(fact?.value), comparison);
  const holds = (at: number) => compares(fact?.value, comparison, at);
  const dated = {
    came: fact && Math.min(fact.at, now),
    holds,
    changedAt: (at: number) => bordersAround(borders, at).changedAt,
  };
  return {
    standing: (at) => standingOf(dated, at),
    next: (at) => ({ value: holds(at), at: bordersAround(borders, at).changesAt ?? Infinity }),
    sure: holds,
  };
}

/** A path into a trait comes before a trait whose name has dots, as everywhere; where neither has a value, the trait. */
export function factOfTrait(facts: Facts, name: string): TraitFact | undefined {
  const fact = facts.trait(name);
  const [root = ''] = name.split(/[.[]/, 1);
  const whole = root === '' || root === name ? undefined : facts.trait(root);
  if (!whole) return fact;
  const value = valueAt({ [root]: whole.value }, name);
  return fact && (value === undefined || value === null) ? fact : { value, at: whole.at };
}
