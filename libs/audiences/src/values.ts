import { isOfAge, isOfDate } from './ages.js';
import { compareDecimals } from './decimals.js';
import {
  isExact,
  type Comparison,
  type ListOperator,
  type Literal,
  type OrderOperator,
} from './definition.js';
import { compareInstants } from './instants.js';
import { Several } from './value-at.js';

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
/** So many digits every double holds. */
const SURE_LENGTH = 15;

/**
 * Whether a value stands in a comparison. Never throws; see {@link Comparison} for what counts as alike. `at`, in
 * milliseconds since 1970, is the instant from which ages are counted.
 */
export function compares(value: unknown, comparison: Comparison, at?: number): boolean {
  const isList = Array.isArray(value);
  if (!isList && !(value instanceof Several)) return comparesOne(value, comparison, at);
  const found = (isList ? [value] : value.values).flatMap(elementsOf);
  switch (comparison.op) {
    case 'absent':
      return found.length === 0;
    case '!=':
    case 'none_of':
    case 'omits':
      return isOfNone(found, comparison);
    case 'contains':
      return found.some((one) => containsOne(one, comparison.values));
    default:
      return found.some((one) => comparesOne(one.value, comparison, at));
  }
}

/** An element of a list, or a value in an object that is one. */
interface Element {
  readonly value: unknown;
  readonly isOfList: boolean;
}

function elementsOf(value: unknown): readonly Element[] {
  if (Array.isArray(value)) {
    const elements: readonly unknown[] = value.flat(Infinity) as unknown[];
    return elements.filter(isPresent).map((element) => ({ value: element, isOfList: true }));
  }
  return isPresent(value) ? [{ value, isOfList: false }] : [];
}

/** Of an element of a list: whether it equals; of a value somewhere else: whether it contains. */
function containsOne({ value, isOfList }: Element, values: readonly Literal[]): boolean {
  return isOfList ? compareWithOptions(value, 'one_of', values) : compareWithList(value, 'contains', values);
}

/** No element may be what is excluded, and one at least must be alike. */
function isOfNone(
  found: readonly Element[],
  comparison: Extract<Comparison, { op: ListOperator | OrderOperator }>,
): boolean {
  if ('value' in comparison) {
    const orders = found.map(({ value }) => orderOf(value, comparison.value));
    return !orders.includes(0) && orders.some((order) => order !== undefined);
  }
  const { op, values } = comparison;
  if (op === 'omits') {
    const isText = ({ value }: Element) => typeof value === 'string';
    return found.some(isText) && !found.some((one) => containsOne(one, values));
  }
  return (
    !found.some(({ value }) => compareWithOptions(value, 'one_of', values)) &&
    found.some(({ value }) => compareWithOptions(value, 'none_of', values))
  );
}

function comparesOne(value: unknown, comparison: Comparison, at: number | undefined): boolean {
  switch (comparison.op) {
    case 'before_date':
    case 'after_date':
      return isOfDate(value, comparison);
    case 'within_last':
    case 'before_last':
    case 'within_next':
    case 'after_next':
      return isOfAge(value, comparison, at);
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

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function compareWithList(value: unknown, op: ListOperator, values: readonly Literal[]): boolean {
  if (op === 'one_of' || op === 'none_of') return compareWithOptions(value, op, values);
  if (typeof value !== 'string') return false;
  switch (op) {
    case 'contains':
      return values.some((part) => value.includes(textOf(part)));
    case 'omits':
      return !values.some((part) => value.includes(textOf(part)));
    case 'starts_with':
      return values.some((part) => value.startsWith(textOf(part)));
    case 'ends_with':
      return values.some((part) => value.endsWith(textOf(part)));
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
  if (typeof value === 'number' && typeof other === 'number') return value - other;
  if (typeof value === 'boolean' || typeof other === 'boolean') {
    const [a, b] = [booleanOf(value), booleanOf(other)];
    if (a === undefined || b === undefined) return undefined;
    return a === b ? 0 : NaN;
  }
  if (typeof value === 'string' && typeof other === 'string') {
    return compareInstants(value, other) ?? compareText(value, other);
  }
  const [a, b] = [numberTextOf(value), numberTextOfLiteral(other)];
  return a === undefined || b === undefined ? undefined : compareNumbers(a, b);
}

/** The order of two numbers by their digits. */
export function compareNumbers(a: string, b: string): number {
  return isSure(a) && isSure(b) ? Number(a) - Number(b) : compareDecimals(a, b);
}

/** Whether a double holds the number digit for digit. */
function isSure(number: string): boolean {
  return number.length <= SURE_LENGTH && !/e/i.test(number);
}

/** The digits of a number, or of a text that is one; undefined of everything else. */
export function numberTextOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === 'string' && NUMBER.test(value) ? value : undefined;
}

/** The same of what a query writes out: an object there is a number of many digits, and never one that a customer sent. */
export function numberTextOfLiteral(literal: Literal): string | undefined {
  return isExact(literal) ? literal.number : numberTextOf(literal);
}

function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' || value.length > 'false'.length) return undefined;
  const text = value.toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

function textOf(literal: Literal): string {
  return isExact(literal) ? literal.number : String(literal);
}

/**
 * What is there to count or add up in a value: itself, or each element of a list, in order. Missing values, nulls and
 * objects are left out.
 */
export function scalarsOf(value: unknown): readonly (string | number | boolean)[] {
  const found = value instanceof Several ? value.values : [value];
  return found.flatMap(elementsOf).flatMap((one) => (isScalar(one.value) ? [one.value] : []));
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'number' ? Number.isFinite(value) : typeof value !== 'object';
}

/** By code points: the order of the texts' UTF-8 bytes, in which databases compare. */
export function compareText(a: string, b: string): number {
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
