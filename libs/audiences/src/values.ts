import type { Comparison, ListOperator, Literal, OrderOperator } from './definition.js';

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** Whether a value stands in a comparison. Never throws; see {@link Comparison} for what counts as alike. */
export function compares(value: unknown, comparison: Comparison): boolean {
  switch (comparison.op) {
    case 'exists':
      return isPresent(value);
    case 'absent':
      return !isPresent(value);
    case 'contains':
    case 'omits':
    case 'starts_with':
    case 'ends_with':
    case 'one_of':
    case 'none_of':
      return compareWithList(value, comparison.op, comparison.values);
    default:
      return holds(comparison.op, orderOf(value, comparison.value));
  }
}

/** Whether an order, negative, zero or positive, is what the operator asks for. No order, no operator holds. */
export function holds(op: OrderOperator, order: number | undefined): boolean {
  if (order === undefined) return false;
  switch (op) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
  }
}

/** The value at a path of dots: a member of nested objects, or else a member whose name has these dots. */
export function valueAt(object: unknown, path: string): unknown {
  if (!path.includes('.')) return member(object, path);
  let value = object;
  for (const name of path.split('.')) value = member(value, name);
  return value === undefined ? member(object, path) : value;
}

function member(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, name)) return undefined;
  return (object as Readonly<Record<string, unknown>>)[name];
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function compareWithList(value: unknown, op: ListOperator, values: readonly Literal[]): boolean {
  if (op === 'one_of' || op === 'none_of') return compareWithOptions(value, op, values);
  if (typeof value !== 'string') return false;
  switch (op) {
    case 'contains':
      return values.some((part) => value.includes(String(part)));
    case 'omits':
      return !values.some((part) => value.includes(String(part)));
    case 'starts_with':
      return values.some((part) => value.startsWith(String(part)));
    case 'ends_with':
      return values.some((part) => value.endsWith(String(part)));
  }
}

/** What is unlike all of the options is neither one of them nor none of them. */
function compareWithOptions(value: unknown, op: 'one_of' | 'none_of', options: readonly Literal[]): boolean {
  let isLikeSome = false;
  for (const option of options) {
    const order = orderOf(value, option);
    if (order === 0) return op === 'one_of';
    isLikeSome ||= order !== undefined;
  }
  return op === 'none_of' && isLikeSome;
}

/** Negative, zero or positive; NaN where the values are alike, unequal and without order; undefined where unlike. */
function orderOf(value: unknown, other: Literal): number | undefined {
  if (typeof value === 'boolean' || typeof other === 'boolean') {
    if (typeof value !== typeof other) return undefined;
    return value === other ? 0 : NaN;
  }
  if (typeof value === 'string' && typeof other === 'string') return compareText(value, other);
  const a = toNumber(value);
  const b = toNumber(other);
  return a === undefined || b === undefined ? undefined : a - b;
}

function toNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** By code points: the order of the texts' UTF-8 bytes, in which databases compare. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i += 1;
  if (i === length) return a.length - b.length;
  return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
}

/** Halves of surrogate pairs stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
