import Big from 'big.js';
import { decimalOf } from '../decimals.js';
import { MAX_DIGITS } from '../definition.js';

/** Digits behind the point, as in ClickHouse's `Decimal(38, 9)`. */
const SCALE = 9;
const ONE = 10n ** BigInt(SCALE);
/** Of 38 digits, nine are behind the point. */
const BOUND = 10n ** 38n;
/** Of so many digits before the point, at most. */
const WHOLE_DIGITS = 38 - SCALE;

/**
 * A decimal number in a text as billionths, cut off behind the ninth digit, toward nought, as databases do. Undefined of a
 * number that Decimal(38, 9) does not hold, or that is written in more than a hundred characters.
 */
export function scaledOf(text: string): bigint | undefined {
  if (text.length > MAX_DIGITS) return undefined;
  if (text.length <= 15 && /^-?\d+$/.test(text)) return BigInt(text) * ONE;
  const number = decimalOf(text);
  if (number.e >= WHOLE_DIGITS) return undefined;
  // Its digits would be written out one by one.
  if (number.e < -SCALE) return 0n;
  return BigInt(number.round(SCALE, Big.roundDown).times(ONE.toString()).toFixed(0));
}

/** Billionths as a decimal number: as few digits as say the same. */
export function printScaled(scaled: bigint): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(SCALE + 1, '0');
  const whole = digits.slice(0, -SCALE);
  const fraction = digits.slice(-SCALE).replace(/0+$/, '');
  return `${scaled < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** What {@link printScaled} wrote. */
export function readScaled(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(`${whole}${fraction.padEnd(SCALE, '0')}`);
}

/** Whether Decimal(38, 9) holds it. */
export function isHeld(scaled: bigint): boolean {
  return scaled < BOUND && scaled > -BOUND;
}
