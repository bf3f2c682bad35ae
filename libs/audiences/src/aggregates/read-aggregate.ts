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

/** Instants at which what is in a window changes by the passing of time alone. */
export interface Borders {
  /** The first one after the instant; undefined where there is none. */
  readonly changesAt: number | undefined;
  /** The last one at or before the instant; undefined where there is none. */
  readonly changedAt: number | undefined;
}

/** The borders around an instant of these times, at which they enter and leave. */
function bordersOf(times: readonly number[], { at, fromMs = 0, withinMs }: TileWindow): Borders {
  return bordersAround(
    times.flatMap((time) => [time + fromMs, time + withinMs]),
    at,
  );
}

/** Of instants the two that are next to one. */
export function bordersAround(instants: readonly number[], at: number): Borders {
  let [changesAt, changedAt] = [Infinity, -Infinity];
  for (const instant of instants) {
    if (instant > at) changesAt = Math.min(changesAt, instant);
    else changedAt = Math.max(changedAt, instant);
  }
  return {
    changesAt: changesAt === Infinity ? undefined : changesAt,
    changedAt: changedAt === -Infinity ? undefined : changedAt,
  };
}

/** When the last occurrence was of which there is a time; undefined where there is none, and of what keeps no times. */
export function lastTimeIn({ kind }: Pick<Aggregate, 'kind'>, { part }: KnownAggregate): number | undefined {
  const times = () => part.entries.map((entry) => entry[kind === 'values' ? 4 : 6] as number);
  switch (kind) {
    case 'total':
    case 'tiles':
      return undefined;
    case 'values':
    case 'value_tiles':
      return part.entries.length === 0 ? undefined : times().reduce((a, b) => Math.max(a, b));
    default:
      return part.entries[0]?.[0] as number | undefined;
  }
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
export interface WindowTotals extends Totals, Borders {
  /** Whether there are no other tiles, as far as `isWhole` goes. */
  readonly isComplete: boolean;
  /** How much an event may come and go too early, in milliseconds: less than this. */
  readonly grainMs: number;
  /** When those that may be missing have left the window; undefined where none is missing. */
  readonly completeAt: number | undefined;
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
  const limit = limitOf(part) as TileEntry | undefined;
  const isComplete = isCompleteIn(limit, window);
  const measure = counted.reduce((sum, tile) => addMeasures(sum, measureOfTile(tile), as), NOTHING);
  return {
    ...totalsOf(measure, as),
    isComplete,
    completeAt: isComplete || !limit ? undefined : limit[0] + window.withinMs,
    grainMs: counted.reduce((most, [, grain]) => Math.max(most, grain), 0),
    ...bordersOf(
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
export interface WindowValues extends Borders {
  /** The frequent ones first, those of one count by their text. */
  readonly values: readonly CountedValue[];
  /** Whether there are no others, as far as `isWhole` goes: otherwise older ones of the window are missing. */
  readonly isComplete: boolean;
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
    ...bordersOf(
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
