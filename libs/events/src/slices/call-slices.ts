import { LIMITS } from '../event.js';
import { areApart, isNewKey } from './object-keys.js';
import { behindColon, behindSpace, behindValue, closeOfKey, NOT_PLAIN, toNext } from './scan-json.js';

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** The fields whose places in the bytes are noted; the others of a call are no part of an event. */
export const CALL_FIELDS = [
  'type',
  'messageId',
  'event',
  'name',
  'userId',
  'anonymousId',
  'previousId',
  'groupId',
  'properties',
  'traits',
  'context',
  'timestamp',
  'originalTimestamp',
  'sentAt',
  'category',
] as const;
export type CallField = (typeof CALL_FIELDS)[number];

/** The fields of a context that name a person, or that the server may fill in. */
export const CONTEXT_FIELDS = [
  'traits',
  'externalIds',
  'device',
  'os',
  'ip',
  'userAgent',
  'tributary',
] as const;
export type ContextField = (typeof CONTEXT_FIELDS)[number];

const PLACES = CALL_FIELDS.length + CONTEXT_FIELDS.length;
/** Where the call begins and ends, then of each field where its key, its value, and what is behind it begin. */
const STRIDE = 2 + 3 * PLACES;

const CALL_KEYS = keyTable(CALL_FIELDS, 0);
const CONTEXT_KEYS = keyTable(CONTEXT_FIELDS, CALL_FIELDS.length);
const CONTEXT = CALL_FIELDS.indexOf('context');

/** By a hash of length and outer characters: the one key that it may be, and its number. */
type KeyTable = readonly ({ readonly bytes: Buffer; readonly field: number } | undefined)[];

function keyTable(names: readonly string[], first: number): KeyTable {
  const table = new Array<{ bytes: Buffer; field: number } | undefined>(64).fill(undefined);
  for (const [i, name] of names.entries()) {
    const bytes = Buffer.from(name);
    const slot = slotOf(bytes.length, bytes[0] ?? 0, bytes[bytes.length - 1] ?? 0);
    if (table[slot]) throw new Error(`${name} and ${table[slot].bytes.toString()} share a slot`);
    table[slot] = { bytes, field: first + i };
  }
  return table;
}

function slotOf(length: number, first: number, last: number): number {
  return (length + first * 2 + last * 5) & 63;
}

/**
 * The places of calls in the bytes of a request, kept in one array that is used again and again: of each call where it
 * is, and where its fields are.
 */
export class CallSlices {
  #places = new Int32Array(STRIDE * 64);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  /** The first byte of a call. */
  start(call: number): number {
    return this.#places[call * STRIDE] ?? 0;
  }

  /** What is behind a call. */
  end(call: number): number {
    return this.#places[call * STRIDE + 1] ?? 0;
  }

  /** Where the field's key begins: its opening quote; zero where the call has no such field. */
  keyAt(call: number, field: number): number {
    return this.#places[call * STRIDE + 2 + 3 * field] ?? 0;
  }

  valueAt(call: number, field: number): number {
    return this.#places[call * STRIDE + 3 + 3 * field] ?? 0;
  }

  valueEnd(call: number, field: number): number {
    return this.#places[call * STRIDE + 4 + 3 * field] ?? 0;
  }

  /**
   * Notes the calls of the array that begins here. Answers where it ends, or {@link NOT_PLAIN}: then the request has to
   * be read in full.
   */
  addAll(bytes: Buffer, from: number): number {
    if (bytes[from] !== OPEN_BRACKET) return NOT_PLAIN;
    let at = behindSpace(bytes, from + 1);
    if (bytes[at] === CLOSE_BRACKET) return at + 1;
    for (;;) {
      at = this.add(bytes, at);
      if (at === NOT_PLAIN) return NOT_PLAIN;
      at = toNext(bytes, at, CLOSE_BRACKET);
      if (at <= 0) return -at - 1;
    }
  }

  /** As {@link addAll}, of the one call that begins here. */
  add(bytes: Buffer, from: number): number {
    const base = this.#count * STRIDE;
    if (base + STRIDE > this.#places.length) this.#grow();
    const places = this.#places;
    places.fill(0, base, base + STRIDE);
    this.#count += 1;
    const end = this.#fields(bytes, from, base, CALL_KEYS, LIMITS.depth);
    places[base] = from;
    places[base + 1] = end;
    return end;
  }

  /** Notes the fields of the object that begins here. One that comes twice is not plain. */
  #fields(bytes: Buffer, from: number, base: number, keys: KeyTable, depth: number, first = 0): number {
    if (bytes[from] !== OPEN_BRACE) return NOT_PLAIN;
    const places = this.#places;
    let at = behindSpace(bytes, from + 1);
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    let end = first;
    for (;;) {
      const key = at;
      if (bytes[key] !== QUOTE) return NOT_PLAIN;
      const close = closeOfKey(bytes, key);
      if (close === NOT_PLAIN || !isNewKey(bytes, key, close, first, end)) return NOT_PLAIN;
      end += 1;
      const value = behindColon(bytes, close + 1);
      if (value === NOT_PLAIN) return NOT_PLAIN;
      const field = fieldOf(bytes, key, keys);
      const isContext = field === CONTEXT && bytes[value] === OPEN_BRACE;
      at = isContext
        ? this.#fields(bytes, value, base, CONTEXT_KEYS, depth - 1, end)
        : behindValue(bytes, value, depth - 1, end);
      if (at === NOT_PLAIN) return NOT_PLAIN;
      if (field >= 0) {
        const place = base + 2 + 3 * field;
        places[place] = key;
        places[place + 1] = value;
        places[place + 2] = at;
      }
      at = toNext(bytes, at, CLOSE_BRACE);
      if (at <= 0) return areApart(bytes, first, end) ? -at - 1 : NOT_PLAIN;
    }
  }

  #grow(): void {
    const grown = new Int32Array(this.#places.length * 2);
    grown.set(this.#places);
    this.#places = grown;
  }
}

/** The number of the field whose key begins here; −1 where it is none of the table's. */
function fieldOf(bytes: Buffer, at: number, keys: KeyTable): number {
  const length = closeOfKey(bytes, at) - at - 1;
  if (length <= 0) return -1;
  const known = keys[slotOf(length, bytes[at + 1] ?? 0, bytes[at + length] ?? 0)];
  if (known?.bytes.length !== length) return -1;
  for (let i = 0; i < length; i += 1) if (bytes[at + 1 + i] !== known.bytes[i]) return -1;
  return known.field;
}
