import { areApart, isNewKey } from './object-keys.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const UNDERSCORE = 0x5f;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const SPACE = 0x20;

/** What a scan answers instead of a place: the bytes are no JSON, or JSON that has to be read in full to be validated. */
export const NOT_PLAIN = -1;

/** Digits of whole numbers, and of fractions, that a double holds as far as anybody means them. */
const SAFE_DIGITS = 15;
const FRACTION_DIGITS = 17;
const PROTO_LENGTH = '__proto__'.length;

/** Bytes that are themselves in a text. */
const PLAIN_IN_TEXT = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);
const IS_SPACE = bytesOf(' \t\r\n');
const IS_HEX = bytesOf('0123456789abcdefABCDEF');
const IS_ESCAPED = bytesOf('"\\/bfnrt');
const LITERALS = new Map([
  [0x74, Buffer.from('true')],
  [0x66, Buffer.from('false')],
  [0x6e, Buffer.from('null')],
]);

function bytesOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(characters)) table[byte] = 1;
  return table;
}

/** Behind the white space that begins here. */
export function behindSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (IS_SPACE[bytes[at] ?? 0] === 1) at += 1;
  return at;
}

/** Behind the text whose opening quote is here. */
export function behindText(bytes: Buffer, from: number): number {
  const end = bytes.length;
  let at = from + 1;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (PLAIN_IN_TEXT[byte] === 1) at += 1;
    else if (byte === QUOTE) return at + 1;
    else if (byte === BACKSLASH) {
      at = behindEscape(bytes, at + 1);
      if (at === NOT_PLAIN) return NOT_PLAIN;
    } else return NOT_PLAIN;
  }
  return NOT_PLAIN;
}

function behindEscape(bytes: Buffer, at: number): number {
  const byte = bytes[at] ?? 0;
  if (IS_ESCAPED[byte] === 1) return at + 1;
  if (byte !== 0x75) return NOT_PLAIN;
  for (let i = at + 1; i <= at + 4; i += 1) if (IS_HEX[bytes[i] ?? 0] !== 1) return NOT_PLAIN;
  if (((bytes[at + 1] ?? 0) | 0x20) !== 0x64 || (bytes[at + 2] ?? 0) < 0x38) return at + 5;
  return isFirstHalf(bytes, at + 2) && isSecondHalf(bytes, at + 5) ? at + 11 : NOT_PLAIN;
}

/** Of `\\ud83d\\ude00`, two escapes that are one character: a half of one alone is for all to be mended. */
function isFirstHalf(bytes: Buffer, at: number): boolean {
  const digit = (bytes[at] ?? 0) | 0x20;
  return digit === 0x38 || digit === 0x39 || digit === 0x61 || digit === 0x62;
}

function isSecondHalf(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== BACKSLASH || bytes[at + 1] !== 0x75 || ((bytes[at + 2] ?? 0) | 0x20) !== 0x64)
    return false;
  const digit = (bytes[at + 3] ?? 0) | 0x20;
  if (digit < 0x63 || digit > 0x66) return false;
  return IS_HEX[bytes[at + 4] ?? 0] === 1 && IS_HEX[bytes[at + 5] ?? 0] === 1;
}

/**
 * Behind the key whose opening quote is here, colon and white space included: where its value begins. Keys with
 * escapes, and those that may be `__proto__`, are not plain.
 */
export function behindKey(bytes: Buffer, from: number): number {
  if (bytes[from] !== QUOTE) return NOT_PLAIN;
  const close = closeOfKey(bytes, from);
  return close === NOT_PLAIN ? NOT_PLAIN : behindColon(bytes, close + 1);
}

/** Behind the colon that follows a key, and the white space around it: where the value begins. */
export function behindColon(bytes: Buffer, from: number): number {
  let at = from;
  if (bytes[at] !== COLON) {
    at = behindSpace(bytes, at);
    if (bytes[at] !== COLON) return NOT_PLAIN;
  }
  at += 1;
  return (bytes[at] ?? 0) > SPACE ? at : behindSpace(bytes, at);
}

/** The closing quote of a key without escapes. */
export function closeOfKey(bytes: Buffer, from: number): number {
  let at = from + 1;
  while (PLAIN_IN_TEXT[bytes[at] ?? 0] === 1) at += 1;
  if (bytes[at] !== QUOTE) return NOT_PLAIN;
  const mayBeProto = at - from - 1 === PROTO_LENGTH && bytes[from + 1] === UNDERSCORE;
  return mayBeProto ? NOT_PLAIN : at;
}

/** Behind the value that begins here; `depth` is how many more levels it may have, `keys` the keys noted around it. */
export function behindValue(bytes: Buffer, at: number, depth: number, keys = 0): number {
  switch (bytes[at]) {
    case QUOTE:
      return behindText(bytes, at);
    case OPEN_BRACE:
      return behindObject(bytes, at, depth, keys);
    case OPEN_BRACKET:
      return behindArray(bytes, at, depth, keys);
    case 0x74:
    case 0x66:
    case 0x6e:
      return behindLiteral(bytes, at);
    default:
      return behindNumber(bytes, at);
  }
}

function behindLiteral(bytes: Buffer, at: number): number {
  const literal = LITERALS.get(bytes[at] ?? 0);
  if (!literal) return NOT_PLAIN;
  for (let i = 0; i < literal.length; i += 1) if (bytes[at + i] !== literal[i]) return NOT_PLAIN;
  return at + literal.length;
}

/** Numbers with exponents, of so many digits that a double may not hold them, or near minus zero are not plain. */
function behindNumber(bytes: Buffer, from: number): number {
  const start = bytes[from] === MINUS ? from + 1 : from;
  let at = behindDigits(bytes, start);
  if (at - start > SAFE_DIGITS) return NOT_PLAIN;
  if (at === start || (bytes[start] === ZERO && (at > start + 1 || from !== start))) return NOT_PLAIN;
  if (bytes[at] === DOT) {
    const fraction = at + 1;
    at = behindDigits(bytes, fraction);
    if (at === fraction) return NOT_PLAIN;
  }
  if (at - start > FRACTION_DIGITS + 1) return NOT_PLAIN;
  const next = bytes[at];
  return next === 0x65 || next === 0x45 ? NOT_PLAIN : at;
}

function behindDigits(bytes: Buffer, from: number): number {
  let at = from;
  for (let byte = bytes[at] ?? 0; byte >= ZERO && byte <= 0x39; byte = bytes[at] ?? 0) at += 1;
  return at;
}

function behindObject(bytes: Buffer, from: number, depth: number, first: number): number {
  if (depth <= 0) return NOT_PLAIN;
  let at = behindSpace(bytes, from + 1);
  if (bytes[at] === CLOSE_BRACE) return at + 1;
  let end = first;
  for (;;) {
    if (bytes[at] !== QUOTE) return NOT_PLAIN;
    const close = closeOfKey(bytes, at);
    if (close === NOT_PLAIN || !isNewKey(bytes, at, close, first, end)) return NOT_PLAIN;
    end += 1;
    at = behindColon(bytes, close + 1);
    if (at === NOT_PLAIN) return NOT_PLAIN;
    at = behindValue(bytes, at, depth - 1, end);
    if (at === NOT_PLAIN) return NOT_PLAIN;
    at = toNext(bytes, at, CLOSE_BRACE);
    if (at <= 0) return areApart(bytes, first, end) ? -at - 1 : NOT_PLAIN;
  }
}

function behindArray(bytes: Buffer, from: number, depth: number, keys: number): number {
  if (depth <= 0) return NOT_PLAIN;
  let at = behindSpace(bytes, from + 1);
  if (bytes[at] === CLOSE_BRACKET) return at + 1;
  for (;;) {
    at = behindValue(bytes, at, depth - 1, keys);
    if (at === NOT_PLAIN) return NOT_PLAIN;
    at = toNext(bytes, at, CLOSE_BRACKET);
    if (at <= 0) return -at - 1;
  }
}

/**
 * From behind a value: where the next one begins; or, below zero, where the whole ends: −1 less the place behind its
 * closing bracket. Zero: neither.
 */
export function toNext(bytes: Buffer, from: number, close: number): number {
  let at = from;
  let byte = bytes[at] ?? 0;
  if (byte <= SPACE) {
    at = behindSpace(bytes, at);
    byte = bytes[at] ?? 0;
  }
  if (byte === COMMA) {
    at += 1;
    return (bytes[at] ?? 0) > SPACE ? at : behindSpace(bytes, at);
  }
  return byte === close ? -(at + 1) - 1 : 0;
}
