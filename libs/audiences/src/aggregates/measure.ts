import { compareText, numberTextOf, scalarsOf } from '../values.js';
import { cutText, MAX_BORDER_BYTES } from './cut-text.js';
import { isHeld, printScaled, readScaled, scaledOf } from './scaled.js';

/**
 * What occurrences add up to; plain JSON. `values` is how many values were found in them: numbers, or texts where the
 * aggregate reads texts. `sum` is a decimal; empty of texts. `min` and `max` are decimals or texts, null without a value.
 * `outside` counts the numbers that Decimal(38, 9) does not hold, which count nowhere else; `cut` the texts that were cut.
 */
export type Measure = readonly [
  count: number,
  values: number,
  sum: string,
  min: string | null,
  max: string | null,
  outside: number,
  cut: number,
];

/** What a person reads of it. Decimals have nine digits behind the point at most; what has no value is undefined. */
export interface Totals {
  readonly count: number;
  readonly values: number;
  /** Undefined of texts, and where Decimal(38, 9) does not hold it. */
  readonly sum: string | undefined;
  /** Cut off behind the ninth digit, toward nought. */
  readonly average: string | undefined;
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly outside: number;
  readonly cut: number;
}

export const NOTHING: Measure = [0, 0, '0', null, null, 0, 0];

/** The measure of one occurrence with this value; each element of a list is a value. */
export function measureOf(value: unknown, as: 'number' | 'text'): Measure {
  const scalars = scalarsOf(value);
  let measure: Measure = [1, 0, '0', null, null, 0, 0];
  for (const scalar of scalars) {
    const one = as === 'number' ? ofNumber(scalar) : ofText(scalar);
    if (one) measure = addMeasures(measure, one, as);
  }
  return measure;
}

/** Associative and commutative. */
export function addMeasures(a: Measure, b: Measure, as: 'number' | 'text'): Measure {
  const order = as === 'number' ? compareScaled : compareText;
  const sum = as === 'number' && b[1] > 0 ? printScaled(readScaled(a[2]) + readScaled(b[2])) : a[2];
  const outside = a[5] + b[5];
  return [
    a[0] + b[0],
    a[1] + b[1],
    sum,
    first(a[3], b[3], order),
    last(a[4], b[4], order),
    outside,
    a[6] + b[6],
  ];
}

export function totalsOf(
  [count, values, sum, min, max, outside, cut]: Measure,
  as: 'number' | 'text',
): Totals {
  const scaled = readScaled(sum);
  const isSum = as === 'number' && isHeld(scaled);
  return {
    count,
    values,
    sum: isSum ? sum : undefined,
    average: as === 'number' && values > 0 ? printScaled(scaled / BigInt(values)) : undefined,
    min: min ?? undefined,
    max: max ?? undefined,
    outside,
    cut,
  };
}

function ofNumber(value: unknown): Measure | undefined {
  const text = numberTextOf(value);
  if (text === undefined) return undefined;
  const scaled = scaledOf(text);
  if (scaled === undefined) return [0, 0, '0', null, null, 1, 0];
  const decimal = printScaled(scaled);
  return [0, 1, decimal, decimal, decimal, 0, 0];
}

function ofText(value: unknown): Measure | undefined {
  if (typeof value !== 'string') return undefined;
  const text = cutText(value, MAX_BORDER_BYTES);
  return [0, 1, '0', text, text, 0, text === value ? 0 : 1];
}

function compareScaled(a: string, b: string): number {
  const difference = readScaled(a) - readScaled(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

type Order = (a: string, b: string) => number;

function first(a: string | null, b: string | null, order: Order): string | null {
  if (a === null || b === null) return a ?? b;
  return order(a, b) <= 0 ? a : b;
}

function last(a: string | null, b: string | null, order: Order): string | null {
  if (a === null || b === null) return a ?? b;
  return order(a, b) >= 0 ? a : b;
}
