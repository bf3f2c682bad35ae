import type { WantedAggregate } from '../aggregate.js';
import { MAX_BOUND, nameOf, type Aggregate, type AggregateKind } from '../aggregates/typed-aggregate.js';
import type { Filter } from '../definition.js';
import { join } from '../normal-form.js';
import type { ComputedTrait, Reducer, ReducerValue } from './computed-trait.js';

const known = new WeakMap<ComputedTrait, WantedAggregate>();

/** The aggregate that a trait is computed from, and how much of it. Traits are not to be changed once asked about. */
export function aggregateOfTrait(trait: ComputedTrait): WantedAggregate {
  const before = known.get(trait);
  if (before) return before;
  const wanted = wantedOf(trait);
  known.set(trait, wanted);
  return wanted;
}

function wantedOf(trait: ComputedTrait): WantedAggregate {
  const { call, name, where, window, reducer } = trait;
  const kind = kindOf(trait);
  const value = valueOf(reducer);
  const isOne = kind === 'latest' || kind === 'earliest';
  // One event is kept: it has to be one that has a value.
  const filter = isOne && 'value' in reducer ? withValue(where, reducer.value) : where;
  const aggregate = {
    call,
    ...(name !== undefined && { name }),
    ...(filter && { where: filter }),
    kind,
    ...(value && { value }),
  };
  const bound = isOne ? 1 : kind === 'values' ? MAX_BOUND.values : (window?.toMs ?? 0);
  return { aggregate: { hash: nameOf(aggregate), ...aggregate }, bound };
}

function kindOf({ reducer, window }: ComputedTrait): AggregateKind {
  switch (reducer.op) {
    case 'count':
    case 'sum':
    case 'avg':
    case 'min':
    case 'max':
      return window ? 'tiles' : 'total';
    case 'mode':
    case 'unique':
    case 'unique_count':
      return window ? 'value_tiles' : 'values';
    case 'first':
      return window ? 'value_tiles' : 'earliest';
    case 'last':
      return window?.fromMs === undefined ? 'latest' : 'value_tiles';
    case 'last_at':
    case 'time_since_last':
      return 'latest';
    case 'first_at':
    case 'time_since_first':
      return 'earliest';
  }
}

function valueOf(reducer: Reducer): Aggregate['value'] {
  if (!('value' in reducer)) return undefined;
  const { from, path } = reducer.value;
  return 'as' in reducer ? { from, path, as: 'text' } : { from, path };
}

function withValue(where: Filter | undefined, { from, path }: ReducerValue): Filter {
  const exists: Filter = { kind: from, path, comparison: { op: 'exists' } };
  return where ? join<Filter>('and', [where, exists]) : exists;
}
