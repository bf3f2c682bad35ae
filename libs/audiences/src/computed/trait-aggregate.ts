import {
  MAX_BOUND,
  nameOf,
  type Aggregate,
  type AggregateKind,
  type WantedAggregate,
} from '../aggregates/typed-aggregate.js';
import type { Filter } from '../definition.js';
import { join } from '../normal-form.js';
import type { ComputedTrait, Reducer, ReducerValue } from './computed-trait.js';

const known = new WeakMap<ComputedTrait, WantedByTrait>();

/** The aggregates that a trait is computed from, and how much of each: the first has its value. */
export type WantedByTrait = readonly [WantedAggregate, ...WantedAggregate[]];

/** What a trait asks for. Traits are not to be changed once asked about. */
export function aggregatesOfTrait(trait: ComputedTrait): WantedByTrait {
  const before = known.get(trait);
  if (before) return before;
  const wanted: WantedByTrait =
    trait.reducer.op === 'stage'
      ? [wantedOf(trait, 'latest', MAX_BOUND.latest), wantedOf(trait, 'earliest')]
      : [wantedOf(trait, kindOf(trait))];
  known.set(trait, wanted);
  return wanted;
}

function wantedOf(trait: ComputedTrait, kind: AggregateKind, occurrences = 1): WantedAggregate {
  const { call, name, where, window, reducer } = trait;
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
  const bound = isOne ? occurrences : kind === 'values' ? MAX_BOUND.values : (window?.toMs ?? 0);
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
    case 'stage':
      return 'latest';
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
