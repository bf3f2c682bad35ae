import type { CallSelector, Filter } from '../filter.js';

/** The value of an event that a reducer reads. */
export interface ReducerValue {
  readonly from: 'property' | 'context';
  readonly path: string;
}

/**
 * What is made of the events in the window.
 *
 * - `count`: how many there are.
 * - `sum`, `avg`, `min`, `max` of numbers; `min` and `max` also of texts, in the order of their UTF-8 bytes.
 * - `mode`: the most frequent value, at least so often; of equally frequent ones the first by its text.
 * - `first`, `last`: the value of the first or last event that has one.
 * - `unique`: the different values, by their text; `unique_count`: how many there are.
 * - `first_at`, `last_at`: when the first or last event was; `time_since_first`, `time_since_last`: whole seconds since.
 * - `stage`: where a customer is, by the silence since the last event and those before it: `new`, `active`, `at_risk`,
 *   `dormant` or `won_back`.
 */
export type Reducer =
  | { readonly op: 'count' }
  | { readonly op: 'sum' | 'avg'; readonly value: ReducerValue }
  | { readonly op: 'min' | 'max'; readonly value: ReducerValue; readonly as?: 'text' }
  | { readonly op: 'mode'; readonly value: ReducerValue; readonly minimumFrequency: number }
  | { readonly op: 'first' | 'last' | 'unique' | 'unique_count'; readonly value: ReducerValue }
  | { readonly op: TimeReducer }
  | ({ readonly op: 'stage' } & Silences);

/** How long a customer is silent, in milliseconds: `newMs` and `atRiskMs` are less than `dormantMs`. */
export interface Silences {
  /** A customer is new, or won back, for so long. */
  readonly newMs: number;
  readonly atRiskMs: number;
  readonly dormantMs: number;
}

/** Reducers of when events were. */
export type TimeReducer = 'first_at' | 'last_at' | 'time_since_first' | 'time_since_last';

/** From `fromMs` (0 unless given) to `toMs` ago: an event at t counts at every instant s with t + fromMs ≤ s < t + toMs. */
export interface TraitWindow {
  readonly fromMs?: number;
  readonly toMs: number;
}

/** How a trait is computed from a person's events; plain JSON. Without a window, of all time. */
export interface ComputedTrait {
  readonly call: CallSelector;
  /** The event of a track call, or the name of a page or screen; any unless given. */
  readonly name?: string;
  readonly where?: Filter;
  readonly window?: TraitWindow;
  readonly reducer: Reducer;
}

/** A value that was computed: numbers with more digits than a double holds are texts. */
export type ComputedValue = string | number | boolean | readonly (string | number | boolean)[];

/** What a trait is at an instant. */
export interface Computation {
  /** Undefined where there is none: no event in the window has a value. */
  readonly value: ComputedValue | undefined;
  /** The first later instant, in milliseconds since 1970, at which time alone may change it; undefined where it cannot. */
  readonly changesAt: number | undefined;
  /** The last instant until then at which time alone may have changed it; absent where it did not. */
  readonly changedAt?: number | undefined;
  /** Present where parts of the window may be missing that were not kept: when these have left it. */
  readonly completeAt?: number;
  /** Present where there is more than is kept: values are missing, or were cut. */
  readonly isTruncated?: true;
  /** Present where the value is what a count or a sum of nothing is. */
  readonly isEmpty?: true;
}
