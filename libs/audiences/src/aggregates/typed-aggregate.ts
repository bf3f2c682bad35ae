import { digest } from '@tributary/kernel';
import { propertiesOf, traitIn, type EventSelection, type MatchableEvent } from '../aggregate-matching.js';
import { printSelection } from '../selection-printer.js';
import { valueAt } from '../value-at.js';

/** What is kept of the events that an aggregate selects. */
export type AggregateKind = 'latest' | 'earliest' | 'total' | 'tiles' | 'values' | 'value_tiles' | 'trait';

/** Which of the calls that sent a trait is kept: see `picked-trait.ts`. */
export type PickedBy = 'earliest' | 'non_empty' | 'max' | 'min';

/**
 * The value of an event that an aggregate reads. `property` reads traits on identify and group calls; of `trait`, which
 * an identify call sent, the path is the name.
 */
export interface ValueSource {
  readonly from: 'property' | 'context' | 'trait';
  readonly path: string;
  /** Of `total` and `tiles`: `text` compares texts, and adds nothing up; numbers unless given. Of `trait`: which is kept. */
  readonly as?: 'text' | PickedBy;
}

/**
 * A selection of events and what is kept of them. `hash` names all of this. How much is kept is no part of the name: it
 * is the bound of a generation of the aggregate.
 */
export interface Aggregate extends EventSelection {
  readonly hash: string;
  readonly kind: AggregateKind;
  /** `values` and `value_tiles` have one; of `latest` and `earliest`, absent where nobody asks for a value; `trait` has one; of `total` and `tiles`, where they only count. */
  readonly value?: ValueSource;
}

/** An aggregate that a definition reads, and how much of it. */
export interface WantedAggregate {
  readonly aggregate: Aggregate;
  readonly bound: number;
}

/** The greatest bound of each kind: occurrences or values that are kept, or the longest window in milliseconds. */
export const MAX_BOUND: Readonly<Record<AggregateKind, number>> = {
  latest: 101,
  earliest: 101,
  total: 0,
  tiles: 10_000 * 86_400_000,
  values: 1_000,
  value_tiles: 10_000 * 86_400_000,
  trait: 1,
};

/** As what `total` and `tiles` read a value. */
export function asOf(value: ValueSource | undefined): 'number' | 'text' {
  return value?.as === 'text' ? 'text' : 'number';
}

/** The name of an aggregate: 16 hexadecimal digits of its selection, kind and value. */
export function nameOf({ kind, value, ...selection }: Omit<Aggregate, 'hash'>): string {
  const read = value
    ? `${value.from}(${JSON.stringify(value.path)})${value.as ? ` as ${value.as}` : ''}`
    : '';
  return digest(`${kind} ${read} ${printSelection(selection)}`);
}

/** Finds the value that an aggregate reads in an event. It never throws. */
export function compileValue({ value }: Pick<Aggregate, 'value'>): (event: MatchableEvent) => unknown {
  if (!value) return () => undefined;
  const { from, path } = value;
  if (from === 'trait') return (event) => traitIn(event, path);
  return from === 'context'
    ? (event) => valueAt(event.context, path)
    : (event) => valueAt(propertiesOf(event), path);
}
