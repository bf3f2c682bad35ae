import { agesChangeAt } from '../ages.js';
import { bordersAround, lastTimeIn } from '../aggregates/read-aggregate.js';
import type { WantedAggregate } from '../aggregates/typed-aggregate.js';
import type { ValueCondition } from '../definition.js';
import type { Facts } from '../facts.js';
import type { Comparison, Literal } from '../filter.js';
import { standingOf, type Dated, type TimedCondition } from '../timed-condition.js';
import { compares, numberTextOfLiteral, scalarsOf } from '../values.js';
import { computeTrait } from './compute.js';
import type { Computation } from './computed-trait.js';
import { aggregatesOfTrait } from './trait-aggregate.js';

const known = new WeakMap<ValueCondition, readonly WantedAggregate[]>();

/**
 * What a condition on a value reads. Totals and tiles keep no times: beside them it reads when the latest event of the
 * selection was. Conditions are not to be changed once asked about.
 */
export function aggregatesOfValue(condition: ValueCondition): readonly WantedAggregate[] {
  const before = known.get(condition);
  if (before) return before;
  const { call, name, where } = condition;
  const own = aggregatesOfTrait(condition);
  const { kind } = own[0].aggregate;
  const selection = { call, ...(name !== undefined && { name }), ...(where && { where }) };
  const wanted =
    kind === 'total' || kind === 'tiles'
      ? [...own, ...aggregatesOfTrait({ ...selection, reducer: { op: 'last_at' } })]
      : own;
  known.set(condition, wanted);
  return wanted;
}

/** A value of events as time passes. Before the latest event that it reads came, it counts as the opposite. */
export function valueInTime(condition: ValueCondition, facts: Facts, now: number): TimedCondition {
  const { comparison } = condition;
  const latest = latestOf(condition, facts);
  const compute = remembered((at) => computeTrait(condition, facts.known, at));
  const holds = (at: number) => compares(compute(at).value, comparison, at);
  const bordersAt = (at: number) => {
    const { value, changesAt, changedAt } = compute(at);
    const others = isAge(condition)
      ? secondsChangeAt(latest, comparison)
      : agesChangeAt(scalarsOf(value), comparison);
    const all = [changesAt, changedAt, ...others].filter((instant) => instant !== undefined);
    return bordersAround(all, at);
  };
  const dated: Dated = {
    came: latest === undefined ? undefined : Math.min(latest, now),
    holds,
    changedAt: (at) => bordersAt(at).changedAt,
  };
  return {
    standing: (at) => standingOf(dated, at),
    next: (at) => ({ value: holds(at), at: bordersAt(at).changesAt ?? Infinity }),
    sure: (at) => (compute(at).completeAt === undefined ? holds(at) : undefined),
    knownAt: (at) => compute(at).completeAt,
  };
}

/** When the latest event was of which it reads anything; of the first event alone, when that was. */
function latestOf(condition: ValueCondition, facts: Facts): number | undefined {
  const times = aggregatesOfValue(condition).flatMap(({ aggregate }) => {
    const state = facts.known(aggregate);
    return (state && lastTimeIn(aggregate, state)) ?? [];
  });
  return times.length === 0 ? undefined : Math.max(...times);
}

function isAge({ reducer }: ValueCondition): boolean {
  return reducer.op === 'time_since_first' || reducer.op === 'time_since_last';
}

/** When whole seconds since an instant come to a number that they are compared with, and pass it. */
function secondsChangeAt(instant: number | undefined, comparison: Comparison): readonly number[] {
  if (instant === undefined) return [];
  return literalsOf(comparison).flatMap((literal) => {
    const seconds = Number(numberTextOfLiteral(literal) ?? NaN);
    const borders = [Math.floor(seconds), Math.floor(seconds) + 1, Math.ceil(seconds)];
    return borders.filter(Number.isSafeInteger).map((border) => instant + border * 1_000);
  });
}

function literalsOf(comparison: Comparison): readonly Literal[] {
  if ('values' in comparison) return comparison.values;
  return 'value' in comparison ? [comparison.value] : [];
}

/** Of what was asked last, the answer is kept. */
function remembered(compute: (at: number) => Computation): (at: number) => Computation {
  let last: { readonly at: number; readonly computation: Computation } | undefined;
  return (at) => {
    if (last?.at !== at) last = { at, computation: compute(at) };
    return last.computation;
  };
}
