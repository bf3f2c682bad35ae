import { toInstant } from '@tributary/kernel';
import type { KnownAggregate } from '../aggregates/folded-aggregate.js';
import {
  readTiles,
  readTotal,
  readValues,
  readValueTiles,
  type CountedValue,
} from '../aggregates/read-aggregate.js';
import type { OccurrenceEntry } from '../aggregates/aggregate-kinds.js';
import type { Totals } from '../aggregates/measure.js';
import { compareText } from '../values.js';
import type { Computation, ComputedTrait, ComputedValue, Reducer, TimeReducer } from './computed-trait.js';
import type { Aggregate } from '../aggregates/typed-aggregate.js';
import { silencesOf, stageAt } from './stage.js';
import { aggregatesOfTrait } from './trait-aggregate.js';

const NONE: Computation = { value: undefined, changesAt: undefined };
const EMPTY: KnownAggregate = { part: { entries: [] }, isWhole: true };

/** What is known of an aggregate of a person, of all fragments together; undefined where no event matched. */
export type KnownAggregates = (aggregate: Aggregate) => KnownAggregate | undefined;

/**
 * Computes a trait at an instant from the aggregates that it reads ({@link aggregatesOfTrait}). What is truncated is the
 * best that can be said of it.
 */
export function computeTrait(trait: ComputedTrait, knownOf: KnownAggregates, at: number): Computation {
  const [{ aggregate }, earliest] = aggregatesOfTrait(trait);
  const { reducer, window } = trait;
  const all = knownOf(aggregate) ?? EMPTY;
  if (reducer.op === 'stage') {
    const first = earliest && firstIn(knownOf(earliest.aggregate) ?? EMPTY);
    return first ? stageAt(reducer, { first: first[0], ...silencesOf(all, reducer) }, at) : NONE;
  }
  const inWindow = { at, fromMs: window?.fromMs, withinMs: window?.toMs ?? Infinity };
  switch (aggregate.kind) {
    case 'total':
      return { ...ofTotals(reducer, readTotal(aggregate, all)), changesAt: undefined };
    case 'tiles': {
      const totals = readTiles(aggregate, all, inWindow);
      const { changesAt, changedAt, completeAt } = totals;
      const computed = { ...ofTotals(reducer, totals), changesAt, changedAt };
      return completeAt === undefined ? computed : { ...computed, completeAt, isTruncated: true };
    }
    case 'values': {
      const { values, isComplete } = readValues(all);
      return withFlag({ ...ofValues(reducer, values), changesAt: undefined }, !isComplete);
    }
    case 'value_tiles': {
      const { values, isComplete, changesAt, changedAt } = readValueTiles(all, inWindow);
      return withFlag({ ...ofValues(reducer, values), changesAt, changedAt }, !isComplete);
    }
    case 'earliest':
      return ofOccurrence(reducer, firstIn(all), at);
    case 'latest': {
      const latest = firstIn(all);
      if (!window || !latest) return ofOccurrence(reducer, latest, at);
      const leavesAt = latest[0] + window.toMs;
      if (leavesAt <= at) return { ...NONE, changedAt: leavesAt };
      return { ...ofOccurrence(reducer, latest, at), changesAt: leavesAt };
    }
    case 'trait':
      throw new Error('no computed trait reads what identify calls sent of a trait');
  }
}

/** The latest of `latest`, the earliest of `earliest`, whatever the instant. */
function firstIn({ part }: KnownAggregate): OccurrenceEntry | undefined {
  return part.entries[0] as OccurrenceEntry | undefined;
}

type Value = Omit<Computation, 'changesAt'>;

function withFlag(computation: Computation, isTruncated: boolean): Computation {
  return isTruncated ? { ...computation, isTruncated } : computation;
}

function ofTotals(reducer: Reducer, totals: Totals): Value {
  const isCut = totals.cut > 0 && 'as' in reducer;
  return {
    value: totalOf(reducer, totals),
    ...(totals.outside > 0 || isCut ? { isTruncated: true } : {}),
    ...(totals.count === 0 ? { isEmpty: true } : {}),
  };
}

function totalOf(reducer: Reducer, { count, sum, average, min, max }: Totals): ComputedValue | undefined {
  switch (reducer.op) {
    case 'count':
      return count;
    case 'sum':
      return numberOf(sum);
    case 'avg':
      return numberOf(average);
    case 'min':
      return reducer.as === 'text' ? min : numberOf(min);
    case 'max':
      return reducer.as === 'text' ? max : numberOf(max);
    default:
      throw new Error(`${reducer.op} is not read from totals`);
  }
}

/** A decimal as a number of JSON where a double holds it digit for digit, and as the text that it is otherwise. */
export function numberOf(decimal: string | undefined): number | string | undefined {
  if (decimal === undefined) return undefined;
  const number = Number(decimal);
  return String(number) === decimal ? number : decimal;
}

/** So many bytes of values a list shows, as JSON. */
const MAX_LIST_BYTES = 16 * 1024;

function ofValues(reducer: Reducer, values: readonly CountedValue[]): Value {
  switch (reducer.op) {
    case 'mode': {
      const [first] = values;
      if (!first || first.count < reducer.minimumFrequency) return { value: undefined };
      return cutOf(first, first.value);
    }
    case 'unique_count':
      return { value: values.length, ...(values.length === 0 && { isEmpty: true as const }) };
    case 'unique':
      return listOf(values);
    case 'first': {
      const first = bestOf(values, (a, b) => a.first - b.first);
      return first ? cutOf(first, first.value) : { value: undefined };
    }
    case 'last': {
      const last = bestOf(values, (a, b) => b.last - a.last);
      return last ? cutOf(last, last.value) : { value: undefined };
    }
    default:
      throw new Error(`${reducer.op} is not read from values`);
  }
}

/** The values as a list, in the order of their texts: as many as fit. */
export function listOf(values: readonly CountedValue[]): Value {
  const shown: CountedValue['value'][] = [];
  let bytes = 0;
  let isTruncated = false;
  for (const { value, isCut } of [...values].sort(byText)) {
    bytes += Buffer.byteLength(JSON.stringify(value)) + 1;
    if (bytes > MAX_LIST_BYTES) isTruncated = true;
    else shown.push(value);
    isTruncated ||= isCut;
  }
  return { value: shown.length > 0 ? shown : undefined, ...(isTruncated && { isTruncated }) };
}

/** The first in an order; of equals the first by its text. */
function bestOf(
  values: readonly CountedValue[],
  order: (a: CountedValue, b: CountedValue) => number,
): CountedValue | undefined {
  return [...values].sort((a, b) => order(a, b) || byText(a, b))[0];
}

function byText(a: CountedValue, b: CountedValue): number {
  return compareText(String(a.value), String(b.value));
}

function cutOf({ isCut }: CountedValue, value: ComputedValue): Value {
  return isCut ? { value, isTruncated: true } : { value };
}

function ofOccurrence(reducer: Reducer, occurrence: OccurrenceEntry | undefined, at: number): Computation {
  if (!occurrence) return NONE;
  const [time, , , , value, isCut] = occurrence;
  if (reducer.op === 'first' || reducer.op === 'last')
    return withFlag({ value: value ?? undefined, changesAt: undefined }, isCut ?? false);
  return { value: ofTime(reducer.op as TimeReducer, time, at), changesAt: undefined };
}

function ofTime(op: TimeReducer, time: number, at: number): ComputedValue {
  if (op === 'first_at' || op === 'last_at') return toInstant(time);
  return Math.max(0, Math.floor((at - time) / 1_000));
}
