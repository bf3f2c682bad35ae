import { aggregateOf } from './event-aggregate.js';
import { latestOf, unknownUntil } from './aggregates/read-aggregate.js';
import type { EventCondition } from './definition.js';
import type { Facts } from './facts.js';
import type { Change, Standing, TimedCondition } from './timed-condition.js';
import { holds } from './values.js';

/** The occurrences that are known of an aggregate, latest first; of each no more is read than its time. */
type LatestOccurrences = readonly (readonly [time: number, ...unknown[]])[];

/** A count of events as time passes. */
export function countInTime(condition: EventCondition, facts: Facts): TimedCondition {
  const known = facts.known(aggregateOf(condition));
  const state = known ? latestOf(known) : [];
  const unknown = known && unknownUntil(known);
  const { withinMs } = condition;
  return {
    standing: (at) => countStanding(condition, state, at),
    next: (at) => nextCountChange(condition, state, at),
    sure: (at) => sureCount(condition, state, unknown, at),
    knownAt: (at) => {
      if (unknown === undefined || withinMs === undefined) return undefined;
      return unknown + withinMs > at ? unknown + withinMs : undefined;
    },
  };
}

/**
 * A count as time passes. Latest first, `entries` is the number of occurrences that are yet to come and `exits` of
 * those that have not yet left the window; between the two are those that count.
 */
interface Position {
  entries: number;
  exits: number;
}

/** Whether the count stands at an instant, and the last instant until then at which that became so. */
function countStanding(condition: EventCondition, state: LatestOccurrences, at: number): Standing {
  const within = condition.withinMs ?? Infinity;
  const position = positionAt(state, within, at);
  const value = stands(condition, position);
  for (;;) {
    const entry = state[position.entries]?.[0] ?? -Infinity;
    const exit = (state[position.exits]?.[0] ?? -Infinity) + within;
    const since = Math.max(entry, Number.isNaN(exit) ? -Infinity : exit);
    if (since === -Infinity) return { value, since: undefined };
    while (state[position.entries]?.[0] === since) position.entries += 1;
    while ((state[position.exits]?.[0] ?? NaN) + within === since) position.exits += 1;
    if (stands(condition, position) !== value) return { value, since };
  }
}

/** Whether the count stands at an instant, and when it next changes by the passing of time; Infinity for never. */
function nextCountChange(condition: EventCondition, state: LatestOccurrences, now: number): Change {
  const within = condition.withinMs ?? Infinity;
  const position = positionAt(state, within, now);
  const value = stands(condition, position);
  for (;;) {
    const entry = state[position.entries - 1]?.[0] ?? Infinity;
    const exit = (state[position.exits - 1]?.[0] ?? Infinity) + within;
    const at = Math.min(entry, exit);
    if (at === Infinity) return { value, at };
    while (state[position.entries - 1]?.[0] === at) position.entries -= 1;
    while ((state[position.exits - 1]?.[0] ?? NaN) + within === at) position.exits -= 1;
    if (stands(condition, position) !== value) return { value, at };
  }
}

/**
 * What is sure of a count where there may be more occurrences than are known, at or before an instant: its value, whatever
 * these are; undefined where it depends on them.
 */
function sureCount(
  { count, withinMs = Infinity }: EventCondition,
  state: LatestOccurrences,
  unknownUntil: number | undefined,
  at: number,
): boolean | undefined {
  const known = state.filter(([time]) => time <= at && at < time + withinMs).length;
  const value = holds(count.op, known - count.value);
  if (unknownUntil === undefined || unknownUntil + withinMs <= at) return value;
  const others = [count.value, count.value + 1].filter((more) => more > known);
  return others.every((more) => holds(count.op, more - count.value) === value) ? value : undefined;
}

function positionAt(state: LatestOccurrences, within: number, at: number): Position {
  const entered = state.findIndex(([time]) => time <= at);
  const left = state.findIndex(([time]) => time + within <= at);
  return {
    entries: entered < 0 ? state.length : entered,
    exits: left < 0 ? state.length : left,
  };
}

function stands({ count }: EventCondition, { entries, exits }: Position): boolean {
  return holds(count.op, exits - entries - count.value);
}
