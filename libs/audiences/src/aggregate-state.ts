import type { EventAggregate } from './aggregate.js';

/** One matching event: its time in milliseconds since 1970, and an id that no other event of the person carries. */
export type Occurrence = readonly [time: number, id: string];

/** The latest occurrences of an aggregate, `keep` at most, latest first; those of one instant by id, descending. Plain JSON. */
export type AggregateState = readonly Occurrence[];

/**
 * Takes an occurrence in. The result depends on the set of occurrences alone, not on their order or repetition; of
 * one id, the latest time counts. Gives back the same object where nothing changed.
 */
export function foldAggregate(
  state: AggregateState | undefined,
  aggregate: Pick<EventAggregate, 'keep'>,
  occurrence: { readonly time: number; readonly id: string },
): AggregateState {
  const next: Occurrence = [occurrence.time, occurrence.id];
  if (!state) return [next];
  const last = state.at(-1);
  if (last && state.length >= aggregate.keep && compareOccurrences(next, last) >= 0) return state;
  const known = state.findIndex(([, id]) => id === occurrence.id);
  if (known >= 0 && (state[known]?.[0] ?? 0) >= occurrence.time) return state;
  const others = known < 0 ? state : state.filter((_, i) => i !== known);
  const place = others.findIndex((other) => compareOccurrences(next, other) < 0);
  const at = place < 0 ? others.length : place;
  return [...others.slice(0, at), next, ...others.slice(at)].slice(0, aggregate.keep);
}

/** The state of all their occurrences together: associative, commutative, idempotent. */
export function mergeAggregates(
  aggregate: Pick<EventAggregate, 'keep'>,
  states: readonly AggregateState[],
): AggregateState {
  const [first, ...rest] = states;
  if (!first) return [];
  return rest
    .flat()
    .reduce<AggregateState>((state, [time, id]) => foldAggregate(state, aggregate, { time, id }), first);
}

/** Latest first, then by id, descending. */
function compareOccurrences(a: Occurrence, b: Occurrence): number {
  if (a[0] !== b[0]) return b[0] - a[0];
  return a[1] === b[1] ? 0 : a[1] > b[1] ? -1 : 1;
}
