import Big from 'big.js';
import type { OccurrenceEntry, Occurring } from '../src/aggregates/aggregate-kinds.js';
import { compareText } from '../src/values.js';

/** What occurred, counted anew each time: apart from the states, but for the order of texts. */

/** Each id once, as it was last or first; in the order of time. */
export function naiveOccurrences(
  events: readonly Occurring[],
  which: 'latest' | 'earliest',
): readonly Occurring[] {
  const sign = which === 'latest' ? -1 : 1;
  const sorted = [...events].sort((a, b) => sign * naiveOrder(a, b));
  return sorted.filter(({ id }, i) => sorted.findIndex((other) => other.id === id) === i);
}

function naiveOrder(a: Occurring, b: Occurring): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.receivedAt !== b.receivedAt) return a.receivedAt - b.receivedAt;
  return a.sequence === b.sequence ? compareText(a.id, b.id) : a.sequence - b.sequence;
}

/** What can be told apart of an occurrence. */
export const placesOf = (occurrences: readonly (Occurring | OccurrenceEntry)[]): readonly unknown[] =>
  occurrences.map((one) =>
    'time' in one ? [one.time, one.id, one.receivedAt, one.sequence] : [one[0], one[1], one[2], one[3]],
  );

function elements(value: unknown): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => one !== null && one !== undefined);
}

function decimalIn(value: unknown): Big | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(String(value)) ? new Big(value) : undefined;
}

const HELD_BELOW = new Big(10).pow(29);

/** All numbers, those that are held, each cut off behind nine digits, and what these add up to, however much. */
export function naiveNumbers(events: readonly Occurring[]) {
  const all = events.flatMap(({ value }) => elements(value)).flatMap((one) => decimalIn(one) ?? []);
  const held = all.filter((one) => one.abs().lt(HELD_BELOW)).map((one) => one.round(9, Big.roundDown));
  return { all, held, sum: held.reduce((a, b) => a.plus(b), new Big(0)) };
}

/** Of numbers, each cut off behind nine digits. */
export function naiveTotals(events: readonly Occurring[]) {
  const { all, held, sum } = naiveNumbers(events);
  const sorted = [...held].sort((a, b) => a.cmp(b));
  return {
    count: events.length,
    values: held.length,
    sum: sum.abs().lt(HELD_BELOW) ? sum.toFixed() : undefined,
    min: sorted[0]?.toFixed(),
    max: sorted.at(-1)?.toFixed(),
    outside: all.length - held.length,
  };
}

/** In how many events each value was, when first and last, by its text. */
export function naiveValues(events: readonly Occurring[]) {
  const found = new Map<string, { count: number; first: number; last: number }>();
  for (const { value, time } of events) {
    const texts = elements(value)
      .filter((one) => typeof one !== 'object')
      .map((one) => String(one as string | number | boolean).slice(0, 256));
    for (const text of new Set(texts)) {
      const { count, first, last } = found.get(text) ?? { count: 0, first: Infinity, last: -Infinity };
      found.set(text, { count: count + 1, first: Math.min(first, time), last: Math.max(last, time) });
    }
  }
  return found;
}
