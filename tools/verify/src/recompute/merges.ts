import { aggregatesOfMerge, MAX_PICKED_BYTES, type MergeStrategy } from '@tributary/audiences';
import Big from 'big.js';
import { byTime, type History, type PastEvent } from './history.js';

/** How traits are merged in a workspace, by their names; those of `latest` are absent. */
export type MergesOf = ReadonlyMap<string, MergeStrategy>;

/** A trait as its rule has it; `event` where one call gave it. */
export interface Merged {
  readonly value: unknown;
  readonly event?: PastEvent | undefined;
  /** It is more than is kept: nobody can say what is shown. */
  readonly isBeyond: boolean;
}

/**
 * A trait by a strategy other than `latest`, from all identify calls of a person, in their order. Undefined where none
 * counts.
 */
export function mergedOf(
  name: string,
  strategy: MergeStrategy,
  { events }: Pick<History, 'events'>,
): Merged | undefined {
  const hash = aggregatesOfMerge(name, strategy)[0]?.aggregate.hash ?? '';
  const sent = events
    .filter(({ aggregates }) => aggregates.includes(hash))
    .map((event) => ({ event, value: event.traits?.[name] }))
    .filter(({ value }) => value !== null && value !== undefined);
  switch (strategy) {
    case 'latest':
      throw new Error('the latest is what traits are without a rule');
    case 'earliest':
      return picked(sent[0]);
    case 'non_empty':
      return picked(sent.findLast(({ value }) => value !== '' && !isEmptyList(value)));
    case 'max':
    case 'min': {
      const sign = strategy === 'max' ? -1 : 1;
      const scalars = sent.filter(({ value }) => typeof value !== 'object');
      return picked(scalars.sort((a, b) => inOrder(a.value, b.value, sign) || byTime(a.event, b.event))[0]);
    }
    case 'union':
      return unionOf(sent.flatMap(({ value }) => elementsOf(value)));
    case 'add':
      return sumOf(sent.flatMap(({ value }) => elementsOf(value)));
  }
}

interface Sent {
  readonly event: PastEvent;
  readonly value: unknown;
}

function picked(sent: Sent | undefined): Merged | undefined {
  return sent && { ...sent, isBeyond: Buffer.byteLength(JSON.stringify(sent.value)) > MAX_PICKED_BYTES };
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function elementsOf(value: unknown): readonly (string | number | boolean)[] {
  const all: readonly unknown[] = Array.isArray(value) ? value.flat(Infinity) : [value];
  return all.filter(
    (one): one is string | number | boolean =>
      typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean',
  );
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

function decimalOf(value: unknown): Big | undefined {
  if (typeof value === 'number') return new Big(value);
  return typeof value === 'string' && NUMBER.test(value) ? new Big(value.replace(/^\+/, '')) : undefined;
}

/** Numbers, then instants, then texts, then booleans; within one of these, by `sign`. */
function inOrder(a: unknown, b: unknown, sign: 1 | -1): number {
  const [x, y] = [decimalOf(a), decimalOf(b)];
  if (x && y) return sign * x.cmp(y);
  const types = [placeOf(a), placeOf(b)] as const;
  if (types[0] !== types[1]) return types[0] - types[1];
  if (types[0] === 1) {
    const [i, j] = [instantOf(String(a)), instantOf(String(b))];
    return sign * (i.ms - j.ms || i.fraction - j.fraction);
  }
  return sign * Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

const INSTANT = /^\d{4}-\d\d-\d\d([Tt]([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d))?$/;

/** To the nanosecond: a Date has three digits of it. */
function instantOf(text: string) {
  const [, digits = ''] = /\.(\d+)/.exec(text) ?? [];
  const ms = Date.parse(text.replace(/\.\d+/, ''));
  return { ms, fraction: Number(digits.padEnd(9, '0')) };
}

function placeOf(value: unknown): number {
  if (decimalOf(value)) return 0;
  if (typeof value !== 'string') return 3;
  return INSTANT.test(value) && !Number.isNaN(Date.parse(value)) ? 1 : 2;
}

const MOST_VALUES = 1_000;
const MOST_VALUE_BYTES = 256;
const MOST_LIST_BYTES = 16 * 1024;

/** By their text; a number or boolean stands for a text that reads the same. */
function unionOf(all: readonly (string | number | boolean)[]): Merged | undefined {
  if (all.length === 0) return undefined;
  const byText = new Map<string, string | number | boolean>();
  for (const one of all) {
    const text = String(one);
    if (text !== '' && (typeof one !== 'string' || !byText.has(text))) byText.set(text, one);
  }
  const value = [...byText]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([, one]) => one);
  const isBeyond =
    value.length > MOST_VALUES ||
    Buffer.byteLength(JSON.stringify(value)) > MOST_LIST_BYTES ||
    value.some((one) => Buffer.byteLength(JSON.stringify(one)) - 2 > MOST_VALUE_BYTES);
  return value.length > 0 ? { value, isBeyond } : undefined;
}

const WHOLE = new Big(10).pow(29);

function sumOf(all: readonly (string | number | boolean)[]): Merged | undefined {
  const numbers = all.flatMap((one) => decimalOf(one) ?? []);
  const held = numbers.filter((one) => one.abs().lt(WHOLE));
  const sum = held.reduce((a, b) => a.plus(b.round(9, Big.roundDown)), new Big(0));
  const isBeyond = held.length < numbers.length || sum.abs().gte(WHOLE);
  if (held.length === 0) return isBeyond ? { value: undefined, isBeyond } : undefined;
  const text = sum.toFixed();
  return { value: String(Number(text)) === text ? Number(text) : text, isBeyond };
}
