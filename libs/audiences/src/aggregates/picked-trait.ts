import { compareInstants, isInstant } from '../instants.js';
import { compareNumbers, compareText, numberTextOf } from '../values.js';
import { cutText } from './cut-text.js';
import type { Ranking } from './ranked.js';
import type { PickedBy } from './typed-aggregate.js';

/** The call that decides a trait. The value is its JSON, as it was sent; where that was too large, it is cut or null. */
export type PickedEntry = readonly [
  time: number,
  id: string,
  receivedAt: number,
  sequence: number,
  json: string,
  messageId: string,
  sourceId: string,
  cut?: true,
];

interface Sent {
  readonly time: number;
  readonly id: string;
  readonly receivedAt: number;
  readonly sequence: number;
  readonly value?: unknown;
  readonly messageId?: string;
  readonly sourceId?: string;
}

/** Bytes of JSON that a value takes at most where one call decides. */
export const MAX_PICKED_BYTES = 32 * 1024;

/** Of an entry, without ids: a text of JSON in JSON takes twice its bytes at most, for each quote and backslash. */
export const PICKED_BYTES = 2 * MAX_PICKED_BYTES + 64;

/** What a call is as entries: one, or none where its value does not count. */
export function pickedEntries(by: string | undefined, sent: Sent): readonly PickedEntry[] {
  const { time, id, receivedAt, sequence, value, messageId = id, sourceId = '' } = sent;
  if (!counts(by as PickedBy, value)) return [];
  const json = JSON.stringify(value);
  const whole = [time, id, receivedAt, sequence] as const;
  if (Buffer.byteLength(json) <= MAX_PICKED_BYTES) return [[...whole, json, messageId, sourceId]];
  const isText = typeof value === 'string';
  // Texts have an order, and go on having one; of anything else a part means nothing.
  const kept = isText ? JSON.stringify(cutText(value, MAX_PICKED_BYTES - 2)) : 'null';
  return [[...whole, kept, messageId, sourceId, true]];
}

/** The order of calls by what picks one: total, so whatever comes in which order, the first is the same. */
export function pickedRanking(by: string | undefined): Ranking<PickedEntry> {
  const compare = orderBy(by as PickedBy);
  return {
    compare,
    keyOf: () => '',
    join: (a, b) => (compare(a, b) <= 0 ? a : b),
    placeOf: (entry) => entry,
  };
}

function counts(by: PickedBy, value: unknown): boolean {
  if (value === null || value === undefined) return false;
  switch (by) {
    case 'earliest':
      return true;
    case 'non_empty':
      return value !== '' && !(Array.isArray(value) && value.length === 0);
    case 'max':
    case 'min':
      return typeof value !== 'object';
  }
}

function orderBy(by: PickedBy): (a: PickedEntry, b: PickedEntry) => number {
  switch (by) {
    case 'earliest':
      return compareCalls;
    case 'non_empty':
      return (a, b) => -compareCalls(a, b);
    case 'max':
      return (a, b) => compareValues(a, b, -1) || compareCalls(a, b);
    case 'min':
      return (a, b) => compareValues(a, b, 1) || compareCalls(a, b);
  }
}

/** As traits are ordered: by event time, then in the order in which the collector received them, then by messageId. */
function compareCalls(a: PickedEntry, b: PickedEntry): number {
  return a[0] - b[0] || a[2] - b[2] || a[3] - b[3] || compareText(a[5], b[5]) || compareText(a[4], b[4]);
}

/** Numbers come before instants, these before other texts, and booleans last, in either direction. */
function compareValues(a: PickedEntry, b: PickedEntry, direction: 1 | -1): number {
  if (a[4] === b[4]) return 0;
  const [x, y] = [comparable(a[4]), comparable(b[4])];
  if (x.type !== y.type) return x.type - y.type;
  return direction * ORDERS[x.type](x.text, y.text);
}

const ORDERS = [
  compareNumbers,
  (a: string, b: string) => compareInstants(a, b) ?? 0,
  compareText,
  compareText,
] as const;

function comparable(json: string): { readonly type: 0 | 1 | 2 | 3; readonly text: string } {
  const value = JSON.parse(json) as unknown;
  const number = numberTextOf(value);
  if (number !== undefined) return { type: 0, text: number };
  if (typeof value !== 'string') return { type: 3, text: String(value) };
  return { type: isInstant(value) ? 1 : 2, text: value };
}
