import {
  aggregatesOfTrait,
  capacityOf,
  grainOf,
  type Aggregate,
  type ComputedTrait,
} from '@tributary/audiences';
import { toInstant } from '@tributary/kernel';
import Big from 'big.js';
import type { History, PastEvent } from './history.js';

/** One event that a trait is computed from. */
interface Counted {
  readonly at: number;
  /** As it counts in the window: in tiles, the beginning of its tile. */
  readonly counts: number;
  readonly values: readonly Scalar[];
  readonly isSingle: boolean;
}

type Scalar = string | number | boolean;

/** The longest window for which the events of an aggregate are kept, in milliseconds. */
export type WindowOf = (aggregate: Aggregate) => number;

/**
 * A computed trait at an instant, counted anew from all events of the person; numbers and texts as `profiles.v1` has them.
 * Undefined where there is none.
 */
export function computedOf(
  trait: ComputedTrait,
  { events }: Pick<History, 'events'>,
  at: number,
  windowOf: WindowOf,
): unknown {
  const { reducer } = trait;
  const { counted, isInTiles } = countedOf(trait, events, at, windowOf);
  switch (reducer.op) {
    case 'count':
      return counted.length;
    case 'sum':
    case 'avg':
    case 'min':
    case 'max':
      return 'as' in reducer
        ? bordersOf(reducer.op, textsIn(counted))
        : numbersOf(reducer.op, decimalsIn(counted));
    case 'mode': {
      const often = valuesIn(counted).filter(({ count }) => count >= reducer.minimumFrequency);
      return firstBy(often, (a, b) => b.count - a.count);
    }
    case 'unique': {
      const values = valuesIn(counted).sort(byText);
      return values.length > 0 ? values.map(({ value }) => value) : undefined;
    }
    case 'unique_count':
      return valuesIn(counted).length;
    case 'first':
      return isInTiles ? firstBy(valuesIn(counted), (a, b) => a.first - b.first) : onlyIn(counted[0]);
    case 'last':
      return isInTiles ? firstBy(valuesIn(counted), (a, b) => b.last - a.last) : onlyIn(counted.at(-1));
    case 'first_at':
      return counted[0] && toInstant(counted[0].at);
    case 'last_at':
      return counted.length > 0 ? toInstant(counted.at(-1)?.at ?? 0) : undefined;
    case 'time_since_first':
      return secondsSince(counted[0], at);
    case 'time_since_last':
      return secondsSince(counted.at(-1), at);
    case 'stage':
      return stageOf(
        reducer,
        counted.map((one) => one.at),
        at,
      );
  }
}

/** The events in the window. */
function countedOf(trait: ComputedTrait, events: History['events'], at: number, windowOf: WindowOf) {
  const [{ aggregate }] = aggregatesOfTrait(trait);
  const { window } = trait;
  const isInTiles = aggregate.kind === 'tiles' || aggregate.kind === 'value_tiles';
  const grain = isInTiles ? grainOf(windowOf(aggregate)) : 1;
  const counted = events
    .filter((event) => event.aggregates.includes(aggregate.hash))
    .map((event) => toCounted(event, aggregate.hash, grain))
    .filter(({ counts }) => {
      if (!window) return true;
      const isIn = at < counts + window.toMs;
      return isInTiles ? isIn && counts + (window.fromMs ?? 0) <= at : isIn;
    });
  return { counted, isInTiles };
}

/** Whether there is an event in the window; for the count of different values, one that has a value. */
export function hasCounted(
  trait: ComputedTrait,
  { events }: Pick<History, 'events'>,
  at: number,
  windowOf: WindowOf,
): boolean {
  const { counted } = countedOf(trait, events, at, windowOf);
  return trait.reducer.op === 'unique_count' ? valuesIn(counted).length > 0 : counted.length > 0;
}

/** A text takes so many bytes at most; as the least or greatest of texts. */
const MOST_TEXT_BYTES = 256;
const MOST_BORDER_BYTES = 64;

/** Whether an identifier has more of what a value is computed from than is kept: then nobody knows what it comes to. */
export function isBeyondBound(
  trait: ComputedTrait,
  { events, windowOf }: Pick<History, 'events'> & { readonly windowOf: WindowOf },
): boolean {
  const [{ aggregate, bound }] = aggregatesOfTrait(trait);
  const { hash, kind } = aggregate;
  if (kind === 'total' || kind === 'earliest') return false;
  const grain = kind.endsWith('tiles') ? grainOf(windowOf(aggregate)) : 1;
  const entriesOf = ({ at, values, deduplicationId }: PastEvent): readonly string[] => {
    const start = Math.floor(at / grain);
    const texts = (values[hash]?.values ?? []).map(String);
    if (kind === 'tiles') return [String(start)];
    if (kind === 'latest') return [deduplicationId];
    return kind === 'values' ? texts : texts.map((text) => `${start} ${text}`);
  };
  const counted = events.filter(({ aggregates }) => aggregates.includes(hash));
  const most = 'as' in trait.reducer ? MOST_BORDER_BYTES : MOST_TEXT_BYTES;
  const isCut = counted.some(({ values }) =>
    values[hash]?.values.some((value) => typeof value === 'string' && Buffer.byteLength(value) > most),
  );
  if (isCut) return true;
  // Of one event the latest is enough.
  if (kind === 'latest' && trait.reducer.op !== 'stage') return false;
  return [...Map.groupBy(counted, ({ primary }) => primary).values()].some(
    (own) => new Set(own.flatMap(entriesOf)).size > capacityOf(aggregate, bound),
  );
}

function toCounted(event: PastEvent, hash: string, grain: number): Counted {
  const { values, isSingle } = event.values[hash] ?? { values: [], isSingle: false };
  return { at: event.at, counts: Math.floor(event.at / grain) * grain, values, isSingle };
}

const WHOLE = new Big(10).pow(29);

/** Numbers, and texts that are numbers, cut off behind nine digits. */
function decimalsIn(counted: readonly Counted[]): readonly Big[] {
  return counted
    .flatMap(({ values }) => values)
    .filter(
      (value) => typeof value === 'number' || /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(String(value)),
    )
    .filter((value) => typeof value !== 'boolean')
    .map((value) => new Big(String(value).replace(/^\+/, '')))
    .filter((one) => one.abs().lt(WHOLE))
    .map((one) => one.round(9, Big.roundDown));
}

function numbersOf(op: 'sum' | 'avg' | 'min' | 'max', all: readonly Big[]): unknown {
  const sum = all.reduce((a, b) => a.plus(b), new Big(0));
  const sorted = [...all].sort((a, b) => a.cmp(b));
  switch (op) {
    case 'sum':
      return sum.abs().lt(WHOLE) ? json(sum) : undefined;
    case 'avg': {
      if (all.length === 0) return undefined;
      const billionths = BigInt(sum.times(1e9).toFixed(0)) / BigInt(all.length);
      return json(new Big(billionths.toString()).div(1e9).round(9, Big.roundDown));
    }
    default:
      return json(op === 'min' ? sorted[0] : sorted.at(-1));
  }
}

/** A number where that says every digit, and a text otherwise. */
function json(decimal: Big | undefined): number | string | undefined {
  const text = decimal?.toFixed();
  return text !== undefined && String(Number(text)) === text ? Number(text) : text;
}

function textsIn(counted: readonly Counted[]): readonly string[] {
  return counted.flatMap(({ values }) => values).filter((value) => typeof value === 'string');
}

function bordersOf(op: 'sum' | 'avg' | 'min' | 'max', texts: readonly string[]): string | undefined {
  const sorted = [...texts].sort(inBytes);
  return op === 'min' ? sorted[0] : sorted.at(-1);
}

interface Value {
  readonly value: Scalar;
  count: number;
  first: number;
  last: number;
}

/** In how many events each value was, by its text. */
function valuesIn(counted: readonly Counted[]): Value[] {
  const found = new Map<string, Value>();
  for (const { at, values } of counted) {
    for (const [text, value] of new Map(values.map((one) => [String(one), one]))) {
      const known = found.get(text);
      if (!known) {
        found.set(text, { value, count: 1, first: at, last: at });
        continue;
      }
      known.count += 1;
      known.first = Math.min(known.first, at);
      known.last = Math.max(known.last, at);
    }
  }
  return [...found.values()];
}

function firstBy(values: readonly Value[], order: (a: Value, b: Value) => number): Scalar | undefined {
  return [...values].sort((a, b) => order(a, b) || byText(a, b))[0]?.value;
}

function byText(a: Value, b: Value): number {
  return inBytes(String(a.value), String(b.value));
}

function inBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function onlyIn(counted: Counted | undefined): Scalar | undefined {
  return counted?.isSingle ? counted.values[0] : undefined;
}

function secondsSince(counted: Counted | undefined, at: number): number | undefined {
  return counted && Math.max(0, Math.floor((at - counted.at) / 1_000));
}

function stageOf(
  { newMs, atRiskMs, dormantMs }: Extract<ComputedTrait['reducer'], { op: 'stage' }>,
  times: readonly number[],
  at: number,
): string | undefined {
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (at - last >= dormantMs) return 'dormant';
  if (at - last >= atRiskMs) return 'at_risk';
  if (at - first < newMs) return 'new';
  const isBack = times.some(
    (time, i) => i > 0 && time - (times[i - 1] ?? time) >= dormantMs && at - time < newMs,
  );
  return isBack ? 'won_back' : 'active';
}
