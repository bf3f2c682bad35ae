import { digest } from '@tributary/kernel';
import { scalarsOf, compareText } from '../values.js';
import { cutText, MAX_BORDER_BYTES, MAX_VALUE_BYTES } from './cut-text.js';
import { addMeasures, measureOf, type Measure } from './measure.js';
import { pickedEntries, pickedRanking, PICKED_BYTES, type PickedEntry } from './picked-trait.js';
import type { Ranking } from './ranked.js';
import { asOf, type Aggregate, type AggregateKind } from './typed-aggregate.js';

/** One matching event as it is folded. Times in milliseconds since 1970. */
export interface Occurring {
  readonly time: number;
  readonly receivedAt: number;
  /** The place among what the collector received in the same millisecond. */
  readonly sequence: number;
  /** The same in every fragment of a profile, 100 characters at most: what duplicates have in common. */
  readonly id: string;
  /** What `compileValue` finds; undefined where the aggregate reads no value. */
  readonly value?: unknown;
  /** Of the call, for whoever shows where a value came from. */
  readonly messageId?: string;
  readonly sourceId?: string;
}

/** Of `latest` and `earliest`. The value is text, number or boolean; null where there is none, or a list or an object. */
export type OccurrenceEntry = readonly [
  time: number,
  id: string,
  receivedAt: number,
  sequence: number,
  value?: string | number | boolean | null,
  cut?: true,
];

/** Of `tiles`: the occurrences in `grain` milliseconds from `start` on. */
export type TileEntry = readonly [start: number, grain: number, ...Partial<Measure>];

/** Of `values`: a value, in how many occurrences it was, when first and last. */
export type ValueEntry = readonly [
  rank: string,
  value: string | number | boolean,
  count: number,
  first: number,
  last: number,
  cut?: true,
];

/** Of `value_tiles`: a value in the `grain` milliseconds from `start` on, in how many occurrences, when first and last. */
export type ValueTileEntry = readonly [start: number, grain: number, ...ValueEntry];

/** Any entry. */
export type Entry = readonly unknown[];

/** How a kind of aggregate keeps what occurs. */
export interface Kind<E extends Entry> {
  ranking(aggregate: Pick<Aggregate, 'value'>): Ranking<E>;
  /** How many entries a state keeps. */
  readonly capacity: (bound: number) => number;
  /** What an occurrence is as entries. */
  entries(aggregate: Pick<Aggregate, 'value'>, bound: number, occurrence: Occurring): readonly E[];
  /** The bytes of JSON that an entry takes at most. */
  readonly entryBytes: number;
}

/** A window has so many tiles; one more is cut by its beginning. */
const TILES = 1_440;
const MIN_GRAIN_MS = 1_000;
const MAX_ID_BYTES = 600;
/** With its comma. */
const MAX_NUMBER_BYTES = 18;
/** A sum has 60 digits at most, a decimal fewer than a text may have bytes. */
const MAX_MEASURE_BYTES = 4 * MAX_NUMBER_BYTES + 64 + 2 * (MAX_BORDER_BYTES + 3);

/** The values of all tiles together. */
const VALUES_IN_TILES = 500;

/** The length of a tile for windows of this length, in whole milliseconds. */
export function grainOf(windowMs: number): number {
  return Math.max(MIN_GRAIN_MS, Math.ceil(windowMs / TILES));
}

const occurrence: Omit<Kind<OccurrenceEntry>, 'ranking'> = {
  capacity: (bound) => bound,
  entryBytes: 3 * MAX_NUMBER_BYTES + MAX_ID_BYTES + MAX_VALUE_BYTES + 16,
  entries: (aggregate, _bound, { time, id, receivedAt, sequence, value }) => {
    if (!aggregate.value) return [[time, id, receivedAt, sequence]];
    const [scalar, ...others] = scalarsOf(value);
    const only = others.length > 0 || Array.isArray(value) ? undefined : scalar;
    const kept = only ?? null;
    const text = typeof kept === 'string' ? cutText(kept, MAX_VALUE_BYTES) : kept;
    if (text !== kept) return [[time, id, receivedAt, sequence, text, true]];
    return [[time, id, receivedAt, sequence, text]];
  },
};

const latest: Ranking<OccurrenceEntry> = {
  compare: (a, b) => -compareOccurrences(a, b),
  keyOf: ([, id]) => id,
  join: (a, b) => (compareAll(a, b) >= 0 ? a : b),
  placeOf: ([time, id, receivedAt, sequence]) => [time, id, receivedAt, sequence],
};

const earliest: Ranking<OccurrenceEntry> = {
  ...latest,
  compare: compareOccurrences,
  join: (a, b) => (compareAll(a, b) <= 0 ? a : b),
};

/** By event time, then in the order in which the collector received them, then by id. */
function compareOccurrences(a: OccurrenceEntry, b: OccurrenceEntry): number {
  return a[0] - b[0] || a[2] - b[2] || a[3] - b[3] || compareText(a[1], b[1]);
}

/** Also those of one place, which differ in the value alone. */
function compareAll(a: OccurrenceEntry, b: OccurrenceEntry): number {
  return compareOccurrences(a, b) || compareText(JSON.stringify(a), JSON.stringify(b));
}

const total: Kind<Measure> = {
  capacity: () => 1,
  entryBytes: MAX_MEASURE_BYTES,
  entries: (aggregate, _bound, { value }) => [measureOf(value, asOf(aggregate.value))],
  ranking: (aggregate) => ({
    compare: () => 0,
    keyOf: () => '',
    join: (a, b) => addMeasures(a, b, asOf(aggregate.value)),
    placeOf: (measure) => measure,
  }),
};

/** The measure of a tile. */
export function measureOfTile([, , ...measure]: TileEntry): Measure {
  return measure as unknown as Measure;
}

const tiles: Kind<TileEntry> = {
  capacity: () => TILES + 1,
  entryBytes: 2 * MAX_NUMBER_BYTES + MAX_MEASURE_BYTES,
  entries: (aggregate, bound, { time, value }) => {
    const grain = grainOf(bound);
    return [[Math.floor(time / grain) * grain, grain, ...measureOf(value, asOf(aggregate.value))]];
  },
  ranking: (aggregate) => ({
    compare: (a, b) => b[0] - a[0] || b[1] - a[1],
    keyOf: ([start, grain]) => `${start} ${grain}`,
    join: (a, b) => [
      ...([a[0], a[1]] as const),
      ...addMeasures(measureOfTile(a), measureOfTile(b), asOf(aggregate.value)),
    ],
    placeOf: ([start, grain]) => [start, grain],
  }),
};

/** Of one value, in all their occurrences. */
export function joinValues(a: ValueEntry, b: ValueEntry): ValueEntry {
  const value = typeof a[1] === 'string' ? b[1] : a[1];
  const joined = [a[0], value, a[2] + b[2], Math.min(a[3], b[3]), Math.max(a[4], b[4])] as const;
  return a[5] || b[5] ? [...joined, true] : joined;
}

const values: Kind<ValueEntry> = {
  capacity: (bound) => bound,
  entryBytes: 20 + 3 * MAX_NUMBER_BYTES + MAX_VALUE_BYTES + 16,
  entries: (_aggregate, _bound, { time, value }) => {
    const byText = new Map<string, ValueEntry>();
    for (const scalar of scalarsOf(value)) {
      const text = String(scalar);
      const kept = cutText(text, MAX_VALUE_BYTES);
      const rank = digest(kept);
      const shown = typeof scalar === 'string' ? kept : scalar;
      byText.set(kept, kept === text ? [rank, shown, 1, time, time] : [rank, shown, 1, time, time, true]);
    }
    return [...byText.values()];
  },
  ranking: () => ({
    compare: (a, b) => compareText(a[0], b[0]) || compareText(String(a[1]), String(b[1])),
    keyOf: ([, value]) => String(value),
    join: joinValues,
    // The text, whichever form of the value came last: it is what is compared.
    placeOf: ([rank, value]) => [rank, String(value), 0, 0, 0],
  }),
};

/** The value of a tile. */
export function valueOfTile([, , ...value]: ValueTileEntry): ValueEntry {
  return value;
}

const valueRanking = values.ranking({});

const valueTiles: Kind<ValueTileEntry> = {
  capacity: () => VALUES_IN_TILES,
  entryBytes: 2 * MAX_NUMBER_BYTES + values.entryBytes,
  entries: (aggregate, bound, occurring) => {
    const grain = grainOf(bound);
    const start = Math.floor(occurring.time / grain) * grain;
    return values.entries(aggregate, bound, occurring).map((entry) => [start, grain, ...entry]);
  },
  ranking: () => ({
    compare: (a, b) => b[0] - a[0] || b[1] - a[1] || valueRanking.compare(valueOfTile(a), valueOfTile(b)),
    keyOf: ([start, grain, , value]) => `${start} ${grain} ${String(value)}`,
    join: (a, b) => [a[0], a[1], ...valueRanking.join(valueOfTile(a), valueOfTile(b))],
    placeOf: (entry) => [entry[0], entry[1], ...valueRanking.placeOf(valueOfTile(entry))],
  }),
};

const trait: Kind<PickedEntry> = {
  capacity: () => 1,
  entryBytes: PICKED_BYTES + MAX_ID_BYTES + 4 * MAX_NUMBER_BYTES,
  entries: (aggregate, _bound, occurring) => pickedEntries(aggregate.value?.as, occurring),
  ranking: (aggregate) => pickedRanking(aggregate.value?.as),
};

const KINDS: Readonly<Record<AggregateKind, Kind<Entry>>> = {
  latest: { ...occurrence, ranking: () => latest },
  earliest: { ...occurrence, ranking: () => earliest },
  total: total,
  tiles: tiles,
  values: values,
  value_tiles: valueTiles,
  trait,
};

export function kindOf(kind: AggregateKind): Kind<Entry> {
  return KINDS[kind];
}
