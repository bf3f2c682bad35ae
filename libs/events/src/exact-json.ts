/** A number that a double may not hold: of sixteen digits or more, or with an exponent of three. */
const MAY_LOSE = /[:[,]\s*-?\d(?:[\d.]{15}|[\d.]*[eE][+-]?\d{3})/;
const INTEGER = /^-?\d+$/;
const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** As many significant digits as are written of a double at most: what has more was no double. */
const DOUBLE_DIGITS = 17;

/** Objects and arrays in which numbers became texts, with their keys. What is made of them is not in here. */
const asTexts = new WeakMap<object, Set<string>>();

/**
 * Parses JSON as `JSON.parse` does, but a number that a double does not hold becomes the text of its digits: integers
 * beyond 2^53, numbers that are too large or too small, and fractions with more digits than a double has.
 * {@link wasNumber} knows them. Texts without such numbers, nearly all, pay for one search.
 *
 * @throws SyntaxError where the text is no JSON
 */
export function parseExactly(text: string): unknown {
  if (!MAY_LOSE.test(text)) return JSON.parse(text) as unknown;
  return JSON.parse(text, exact) as unknown;
}

/** Whether the text at this key of parsed JSON was a number that no double holds. */
export function wasNumber(holder: object, key: string): boolean {
  return asTexts.get(holder)?.has(key) ?? false;
}

/** Whether anything in this object or array itself was such a number. */
export function hadNumbers(holder: object): boolean {
  return asTexts.has(holder);
}

function exact(
  this: unknown,
  key: string,
  value: unknown,
  { source }: { readonly source?: string } = {},
): unknown {
  if (typeof value !== 'number' || source === undefined || isHeld(source, value)) return value;
  if (typeof this === 'object' && this !== null) {
    const keys = asTexts.get(this);
    if (keys) keys.add(key);
    else asTexts.set(this, new Set([key]));
  }
  return source;
}

/** Whether the double is the number that is written, as far as anybody who writes doubles means it. */
function isHeld(source: string, value: number): boolean {
  if (INTEGER.test(source)) return Number.isSafeInteger(value);
  const digits = decimalOf(source);
  if (!Number.isFinite(value) || (value === 0 && digits.digits !== '')) return false;
  const isLong = digits.digits.length > DOUBLE_DIGITS;
  if (!isLong && (Number.isSafeInteger(Math.trunc(value)) || /e/i.test(source))) return true;
  const shortest = decimalOf(String(value));
  return shortest.digits === digits.digits && shortest.exponent === digits.exponent;
}

/** The significant digits, without zeros at either end, and the power of ten of the last one. */
function decimalOf(text: string): { readonly digits: string; readonly exponent: number } {
  const [, , whole = '', fraction = '', power = '0'] = PARTS.exec(text) ?? [];
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return { digits, exponent: Number(power) - fraction.length + all.length - digits.length };
}
