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

/** Operators that take one or more values. */
export type ListOperator = 'contains' | 'omits' | 'starts_with' | 'ends_with' | 'one_of' | 'none_of';

/**
 * A test of one value. A missing value and null are absent; only `absent` holds for them. Unlike types are never
 * equal, unequal nor ordered; a number in a text compares as a number with a number, to the last digit, `true` and
 * `false` in a text, in any case, as a boolean with a boolean, and two texts that are both instants as instants.
 * `contains`, `omits`, `starts_with` and `ends_with` are about text and hold when any (`omits`: none) of their values
 * matches. Of a list any element decides; of `!=`, `omits` and `none_of` all of them.
 */
export type Comparison =
  | { readonly op: OrderOperator; readonly value: Literal }
  | { readonly op: 'exists' | 'absent' }
  | { readonly op: ListOperator; readonly values: readonly Literal[] };

/**
 * A condition on one event. `path` names members of nested objects by dots. `property` reads `properties`, and
 * `traits` on identify and group calls, which have no properties.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Filter[] }
  | { readonly kind: 'not'; readonly operand: Filter }
  | { readonly kind: 'property' | 'context'; readonly path: string; readonly comparison: Comparison };

/** Which calls an event condition is about; `any` is every call of every type. */
export type CallSelector = 'track' | 'page' | 'screen' | 'identify' | 'group' | 'any';

/** A comparison of how many events there are; the bound is a whole number from 0 to 100. */
export interface CountComparison {
  readonly op: OrderOperator;
  readonly value: number;
}

/**
 * So many matching events, within the last `withinMs` milliseconds where given: an event at t counts at every instant
 * s with t ≤ s < t + withinMs. `name` is the event of a track call, or the name of a page or screen; absent is any.
 */
export interface EventCondition {
  readonly kind: 'event';
  readonly call: CallSelector;
  readonly name?: string;
  readonly where?: Filter;
  readonly withinMs?: number;
  readonly count: CountComparison;
}

/** A test of the person's trait of this name; a dotted name that is no trait itself is a path into one. */
export interface TraitCondition {
  readonly kind: 'trait';
  readonly name: string;
  readonly comparison: Comparison;
}

/**
 * Who is in an audience, as plain JSON. In normal form, as {@link parseQuery} and {@link checkDefinition} give it,
 * `and` holds no `and` and `or` no `or`, each has two operands or more, and there are at most 50 event and trait
 * conditions.
 */
export type AudienceDefinition =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly AudienceDefinition[] }
  | { readonly kind: 'not'; readonly operand: AudienceDefinition }
  | EventCondition
  | TraitCondition;

/** The greatest number that a count may be compared with: as many occurrences are kept for each person. */
export const MAX_COUNT = 100;

/** The greatest number of event and trait conditions in a definition. */
export const MAX_CONDITIONS = 50;

/** What is wrong at one place of a tree. */
export interface TreeProblem {
  /** Such as `definition.operands[1].count`. */
  readonly path: string;
  readonly reason: string;
}

/** Why a query or a tree is no definition. The message names the place and what would be right there. */
export interface QueryError {
  readonly message: string;
  /** From 1; of a text only. */
  readonly line?: number;
  /** From 1; of a text only. */
  readonly column?: number;
  /** The first place in a tree, such as `definition.operands[1].count`. */
  readonly path?: string;
  /** Of a tree only: all that was found, one at least. The message has them all. */
  readonly problems?: readonly TreeProblem[];
}
