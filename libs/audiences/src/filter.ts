/** A number with more digits than a double holds, in the shortest form of its decimal digits. */
export interface ExactNumber {
  readonly number: string;
}

/** A value that a query writes out. Numbers are finite. */
export type Literal = string | number | boolean | ExactNumber;

/** Whether a value is a number with more digits than a double holds. */
export function isExact(value: unknown): value is ExactNumber {
  return typeof value === 'object' && value !== null && typeof (value as ExactNumber).number === 'string';
}

/** The longest number in a query, in characters. */
export const MAX_DIGITS = 100;

/** Whether an exact number is one that a query may write. */
export function isBounded({ number }: ExactNumber): boolean {
  return number.length <= MAX_DIGITS && /^-?\d+(\.\d+)?(e[+-]\d{1,4})?$/.test(number);
}

/** Order and equality, as written in a query. */
export type OrderOperator = '=' | '!=' | '>' | '>=' | '<' | '<=';

const ORDER: readonly string[] = ['=', '!=', '>', '>=', '<', '<='];

/** Whether a comparison is one of order and equality. */
export function isOrder(
  comparison: Comparison,
): comparison is Extract<Comparison, { readonly op: OrderOperator }> {
  return ORDER.includes(comparison.op);
}

/** Operators that take one or more values. */
export type ListOperator = 'contains' | 'omits' | 'starts_with' | 'ends_with' | 'one_of' | 'none_of';

/**
 * A test of one value. A missing value and null are absent; only `absent` holds for them. Unlike types are never
 * equal, unequal nor ordered; a number in a text compares as a number with a number, to the last digit, `true` and
 * `false` in a text, in any case, as a boolean with a boolean, and two texts that are both instants as instants.
 * `contains`, `omits`, `starts_with` and `ends_with` are about text and hold when any (`omits`: none) of their values
 * matches. Of a list any element decides; of `!=`, `omits` and `none_of` all of them.
 */
export type Comparison = TimelessComparison | AgeComparison;

/** One whose answer does not change as time passes. */
export type TimelessComparison =
  | { readonly op: OrderOperator; readonly value: Literal }
  | { readonly op: 'exists' | 'absent' }
  | { readonly op: ListOperator; readonly values: readonly Literal[] }
  | DateComparison;

/** Whether an instant is before, or after, another one. What is no instant is neither. */
export interface DateComparison {
  readonly op: DateOperator;
  /** A date, its midnight in UTC, or a date-time of RFC 3339. */
  readonly value: string;
}

/**
 * How far an instant t is from now, s: `within_last` t ≤ s < t + ms, `before_last` t + ms ≤ s, `within_next`
 * s < t ≤ s + ms, `after_next` s + ms < t. So each changes by the passing of time alone.
 */
export interface AgeComparison {
  readonly op: AgeOperator;
  /** Milliseconds, of whole seconds. */
  readonly ms: number;
}

export type DateOperator = 'before_date' | 'after_date';
export type AgeOperator = 'within_last' | 'before_last' | 'within_next' | 'after_next';

/**
 * A condition on one event, which is looked at once, as it comes. `path` names members of nested objects by dots. `property` reads `properties`, and
 * `traits` on identify and group calls, which have no properties.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Filter[] }
  | { readonly kind: 'not'; readonly operand: Filter }
  | { readonly kind: 'property' | 'context'; readonly path: string; readonly comparison: TimelessComparison };

/** Which calls an event condition is about; `any` is every call of every type. */
export type CallSelector = 'track' | 'page' | 'screen' | 'identify' | 'group' | 'any';
