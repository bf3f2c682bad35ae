import { nameOf, type Aggregate } from './aggregates/typed-aggregate.js';
import type { CountComparison, EventCondition } from './definition.js';

/** How many of the latest events decide a count: k for `≥ k` and `< k`, k + 1 for the others, one at least. */
export function keepFor(count: CountComparison): number {
  const decisive = count.op === '>=' || count.op === '<' ? count.value : count.value + 1;
  return Math.max(1, decisive);
}

const aggregates = new WeakMap<EventCondition, Aggregate>();

/**
 * The aggregate of one event condition: the latest events of its selection. Conditions that differ in the window or the
 * comparison share it. Conditions are not to be changed once they have been asked about.
 */
export function aggregateOf(condition: EventCondition): Aggregate {
  const known = aggregates.get(condition);
  if (known) return known;
  const selection = {
    call: condition.call,
    ...(condition.name === undefined ? {} : { name: condition.name }),
    ...(condition.where === undefined ? {} : { where: condition.where }),
    kind: 'latest' as const,
  };
  const aggregate = { hash: nameOf(selection), ...selection };
  aggregates.set(condition, aggregate);
  return aggregate;
}
