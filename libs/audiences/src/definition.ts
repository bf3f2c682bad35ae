import type { ComputedTrait } from './computed/computed-trait.js';
import type { CallSelector, Comparison, Filter, OrderOperator } from './filter.js';

export {
  isBounded,
  isExact,
  MAX_DIGITS,
  type AgeOperator,
  type CallSelector,
  type Comparison,
  type DateOperator,
  type ExactNumber,
  type Filter,
  type ListOperator,
  type Literal,
  type OrderOperator,
  type TimelessComparison,
} from './filter.js';

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

/** A test of what a computed trait would be: a value of the events in a window. */
export interface ValueCondition extends ComputedTrait {
  readonly kind: 'value';
  readonly comparison: Comparison;
}

/** So many people of a hundred, by the ids of their profiles: the same ones everywhere, and at any time. */
export interface RandomCondition {
  readonly kind: 'random';
  /** Greater than 0, 100 at most, with four decimals at most. */
  readonly percent: number;
}

/** Everybody who is in another audience of the workspace. */
export interface AudienceCondition {
  readonly kind: 'audience';
  readonly key: string;
}

/** What an audience is made of by AND, OR and NOT. */
export type Condition =
  EventCondition | TraitCondition | ValueCondition | RandomCondition | AudienceCondition;

/**
 * Who is in an audience, as plain JSON. In normal form, as {@link parseQuery} and {@link checkDefinition} give it,
 * `and` holds no `and` and `or` no `or`, each has two operands or more, and there are at most 50
 * conditions.
 */
export type AudienceDefinition =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly AudienceDefinition[] }
  | { readonly kind: 'not'; readonly operand: AudienceDefinition }
  | Condition;

/** The greatest count of which the events are kept one by one: greater ones are values, with the grain of these. */
export const MAX_COUNT = 100;

/** The greatest number of conditions in a definition. */
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
