import {
  joinValues,
  measureOfTile,
  valueOfTile,
  type OccurrenceEntry,
  type TileEntry,
  type ValueEntry,
  type ValueTileEntry,
} from './aggregate-kinds.js';
import type { KnownAggregate } from './folded-aggregate.js';
import { addMeasures, NOTHING, totalsOf, type Measure, type Totals } from './measure.js';
import { limitOf } from './ranked.js';
import { compareText } from '../values.js';
import { asOf, type Aggregate } from './typed-aggregate.js';

/**
 * An instant in milliseconds since 1970; an event at t is in the window at every instant s with
 * t + fromMs ≤ s < t + withinMs.
 */
export interface WindowAt {
  readonly at: number;
  /** 0 unless given. */
  readonly fromMs?: number | undefined;
  /** Absent: all that was by then. */
  readonly withinMs?: number | undefined;
}

type TileWindow = WindowAt & { readonly withinMs: number };

function isInWindow(time: number, { at, fromMs = 0, withinMs = Infinity }: WindowAt): boolean {
  return time + fromMs <= at && at < time + withinMs;
}

/** The first instant after `at` at which one of these times enters or leaves; undefined where none does. */
function nextBorder(times: readonly number[], { at, fromMs = 0, withinMs }: TileWindow): number | undefined {
  let next = Infinity;
  for (const time of times) {
    if (time + fromMs > at) next = Math.min(next, time + fromMs);
    else if (time + withinMs > at) next = Math.min(next, time + withinMs);
  }
  return next === Infinity ? undefined : next;
}

/** The occurrences in a window: those of `latest` latest first, those of `earliest` earliest first. */
export interface Occurrences {
  readonly occurrences: readonly OccurrenceEntry[];
  /**
   * Whether there are no others, as far as `isWhole` goes: otherwise there are these at least, of which an id that occurred
   * several times may be where it was not last, or first.
   */
  readonly isComplete: boolean;
}

/** All that is known of `latest`, latest first. */
export function latestOf({ part }: KnownAggregate): readonly OccurrenceEntry[] {
  return part.entries as readonly OccurrenceEntry[];
}

/** The instant at or before which `latest` may lack occurrences; undefined where it lacks none. */
export function unknownUntil({ part }: KnownAggregate): number | undefined {
  return (limitOf(part) as OccurrenceEntry | undefined)?.[0];
}

/** Reads `latest`. */
export function readLatest(known: KnownAggregate, { at, withinMs }: WindowAt): Occurrences {
  const limit = limitOf(known.part) as OccurrenceEntry | undefined;
  return {
    occurrences: inWindow(known, at, withinMs),
    // What the limit cuts off is not later than it.
    isComplete: limit === undefined || (withinMs !== undefined && limit[0] + withinMs <= at),
  };
}

/** Reads `earliest`. */
export function readEarliest(known: KnownAggregate, { at, withinMs }: WindowAt): Occurrences {
  const limit = limitOf(known.part) as OccurrenceEntry | undefined;
  return {
    occurrences: inWindow(known, at, withinMs),
    isComplete: limit === undefined || limit[0] > at,
  };
}

function inWindow({ part }: KnownAggregate, at: number, withinMs = Infinity): readonly OccurrenceEntry[] {
  return (part.entries as readonly OccurrenceEntry[]).filter(([time]) => time <= at && at < time + withinMs);
}

/** Reads `total`: all that ever was, whatever its time. */
export function readTotal({ value }: Pick<Aggregate, 'value'>, { part }: KnownAggregate): Totals {
  return totalsOf((part.entries[0] as Measure | undefined) ?? NOTHING, asOf(value));
}

/** What the tiles of a window add up to. */
export interface WindowTotals extends Totals {
  /** Whether there are no other tiles, as far as `isWhole` goes. */
  readonly isComplete: boolean;
  /** How much an event may come and go too early, in milliseconds: less than this. */
  readonly grainMs: number;
  /** When the next tile enters or leaves; undefined where none does. */
  readonly changesAt: number | undefined;
}

/** Reads `tiles`. An event counts as if its time were the beginning of its tile: exactly so, and so within one tile. */
export function readTiles(
  { value }: Pick<Aggregate, 'value'>,
  { part }: KnownAggregate,
  window: TileWindow,
): WindowTotals {
  const as = asOf(value);
  const entries = part.entries as readonly TileEntry[];
  const counted = entries.filter(([start]) => isInWindow(start, window));
  const measure = counted.reduce((sum, tile) => addMeasures(sum, measureOfTile(tile), as), NOTHING);
  return {
    ...totalsOf(measure, as),
    isComplete: isCompleteIn(limitOf(part) as TileEntry | undefined, window),
    grainMs: counted.reduce((most, [, grain]) => Math.max(most, grain), 0),
    changesAt: nextBorder(
      entries.map(([start]) => start),
      window,
    ),
  };
}

/** Whether what the limit cuts off has left the window. */
function isCompleteIn(limit: TileEntry | ValueTileEntry | undefined, { at, withinMs }: TileWindow): boolean {
  return limit === undefined || limit[0] + withinMs <= at;
}

/** A value, in how many occurrences it was, and when first and last. */
export interface CountedValue {
  readonly value: string | number | boolean;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** Longer values that begin alike are one. */
  readonly isCut: boolean;
}

/** Reads `values`: the frequent ones first, those of one count by their text. */
export function readValues({ part }: KnownAggregate): {
  readonly values: readonly CountedValue[];
  /** Whether there are no others, as far as `isWhole` goes: otherwise these are a sample, whose counts are right. */
  readonly isComplete: boolean;
} {
  const limit = limitOf(part) as ValueEntry | undefined;
  // Behind the limit a count may lack what was dropped.
  const entries = (part.entries as readonly ValueEntry[]).filter(([rank]) => !limit || rank <= limit[0]);
  return { values: byCount(entries), isComplete: limit === undefined };
}

/** The values of a window. */
export interface WindowValues {
  /** The frequent ones first, those of one count by their text. */
  readonly values: readonly CountedValue[];
  /** Whether there are no others, as far as `isWhole` goes: otherwise older ones of the window are missing. */
  readonly isComplete: boolean;
  /** When a value next enters or leaves; undefined where none does. */
  readonly changesAt: number | undefined;
}

/** Reads `value_tiles`. A value counts as if its time were the beginning of its tile. */
export function readValueTiles({ part }: KnownAggregate, window: TileWindow): WindowValues {
  const entries = part.entries as readonly ValueTileEntry[];
  const joined = new Map<string, ValueEntry>();
  for (const entry of entries) {
    if (!isInWindow(entry[0], window)) continue;
    const value = valueOfTile(entry);
    const known = joined.get(String(value[1]));
    joined.set(String(value[1]), known ? joinValues(known, value) : value);
  }
  return {
    values: byCount([...joined.values()]),
    isComplete: isCompleteIn(limitOf(part) as ValueTileEntry | undefined, window),
    changesAt: nextBorder(
      entries.map(([start]) => start),
      window,
    ),
  };
}

function byCount(entries: readonly ValueEntry[]): readonly CountedValue[] {
  return entries
    .map(([, value, count, first, last, cut]) => ({ value, count, first, last, isCut: cut ?? false }))
    .sort((a, b) => b.count - a.count || compareText(String(a.value), String(b.value)));
}
