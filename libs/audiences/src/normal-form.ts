import type { ComputedTrait } from './computed/computed-trait.js';
import {
  MAX_COUNT,
  type Comparison,
  type CountComparison,
  type EventCondition,
  type ValueCondition,
} from './definition.js';
import { isOrder } from './filter.js';

interface Joined<T> {
  readonly kind: 'and' | 'or';
  readonly operands: readonly T[];
}

/** Joins operands, taking those apart that are joined in the same way already. */
export function join<T extends { readonly kind: string }>(
  kind: 'and' | 'or',
  operands: readonly (T | Joined<T>)[],
): Joined<T> {
  return {
    kind,
    operands: operands.flatMap((o) => (o.kind === kind ? (o as Joined<T>).operands : [o as T])),
  };
}

/**
 * A condition on a value of events. A count of few events, of all time or up to now, is one on the events themselves, which
 * is exact; every other is one on the value.
 */
export function conditionOn(trait: ComputedTrait, comparison: Comparison): EventCondition | ValueCondition {
  const { call, name, where, window, reducer } = trait;
  const selection = { call, ...(name !== undefined && { name }), ...(where && { where }) };
  if (reducer.op !== 'count' || window?.fromMs !== undefined || !isOfFew(comparison))
    return { kind: 'value', ...selection, ...(window && { window }), reducer, comparison };
  return { kind: 'event', ...selection, ...(window && { withinMs: window.toMs }), count: comparison };
}

/** Whether a comparison is one of whole numbers from 0 on, or of whether there is any. */
export function isOfCounts(comparison: Comparison): boolean {
  if ('ms' in comparison) return false;
  if ('values' in comparison) return comparison.values.every(isWhole);
  return !('value' in comparison) || isWhole(comparison.value);
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isOfFew(comparison: Comparison): comparison is CountComparison {
  return isOrder(comparison) && isWhole(comparison.value) && comparison.value <= MAX_COUNT;
}
