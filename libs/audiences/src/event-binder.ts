import { bindComparison, type Operation } from './comparison-binder.js';
import type { ComputedTrait } from './computed/computed-trait.js';
import { bindValueOfEvents, FILTERS, refuseRest } from './computed/trait-binder.js';
import type { Comparison, EventCondition, ValueCondition } from './definition.js';
import { conditionOn, isOfCounts } from './normal-form.js';
import { unknown, windowOf } from './query-arguments.js';
import { describe, QueryFault, type Chain } from './query-syntax.js';
import { bindFilters, bindSelector } from './selection-binder.js';

/** A condition on the events that `event('Name')`, `page(…)` and the like select. */
export function bindEventCondition(chain: Chain, operation?: Operation): EventCondition | ValueCondition {
  const [head] = chain.calls;
  const { trait, reducer, rest } = bindValueOfEvents(chain, (at) => {
    return new QueryFault(
      `an audience ends in a comparison: expected .count() and one such as ">= 1" after ${head.name}(…)`,
      at,
    );
  });
  const [word] = rest;
  if (word && FILTERS.includes(word.name)) refuseRest(reducer, word);
  if (trait.reducer.op === 'count' && !word && !operation)
    throw new QueryFault('expected a comparison such as ">= 1" after count()', reducer.end);
  const comparison = bindComparison(reducer, rest, operation);
  if (trait.reducer.op === 'count' && !isOfCounts(comparison)) {
    const wrong = operation?.right ?? word?.args[0]?.value;
    const found = wrong ? describe(wrong) : comparison.op;
    throw new QueryFault(
      `a count is compared with a whole number from 0 on, not with ${found}`,
      (wrong ?? reducer).at,
    );
  }
  return conditionOn(trait, comparison);
}

/** `first_time('Name').within(30 days)`: the first of the events was in the window. */
export function bindFirstTime({ calls: [head, ...calls] }: Chain): ValueCondition {
  const example = `${head.name}('Name').within(30 days)`;
  const other = calls.find(({ name }) => name !== 'where' && name !== 'within');
  if (other) throw unknown('filter', other, ['where', 'within'], ['between']);
  const { where, within } = bindFilters(calls);
  if (!within) {
    throw new QueryFault(`expected .within(…): write ${example}`, (calls.at(-1) ?? head).end);
  }
  const trait: ComputedTrait = {
    ...bindSelector({ ...head, name: 'event' }),
    ...(where && { where }),
    reducer: { op: 'first_at' },
  };
  const comparison: Comparison = { op: 'within_last', ms: windowOf(within) };
  return { kind: 'value', ...trait, comparison };
}
