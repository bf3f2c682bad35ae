import Big from 'big.js';
import type { ExactNumber } from './definition.js';

/** The order of two decimal numbers in texts, to the last digit. */
export function compareDecimals(a: string, b: string): number {
  return decimalOf(a).cmp(decimalOf(b));
}

/** A number as it is written: one that a double holds digit for digit, or else its digits. */
export function numberOf(text: string): number | ExactNumber {
  const double = Number(text);
  if (Number.isFinite(double) && compareDecimals(text, String(double)) === 0) return double + 0;
  return { number: decimalOf(text).toString() };
}

/** A decimal number in a text, as `values.ts` knows one. */
export function decimalOf(text: string): Big {
  return new Big(text.startsWith('+') ? text.slice(1) : text);
}
