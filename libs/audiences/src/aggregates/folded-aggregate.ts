import { kindOf, type Entry, type Occurring } from './aggregate-kinds.js';
import { insert, truncate, unite, type Ranked } from './ranked.js';
import type { Aggregate } from './typed-aggregate.js';

/**
 * An aggregate's state in one fragment; plain JSON. It has two halves with a version each: what was folded live, as of an
 * event's offset, and what was before that, as of a seed.
 */
export interface FoldedAggregate {
  /** Grows with every change of the bound. */
  readonly generation: number;
  /** How much is kept: see `MAX_BOUND`. */
  readonly bound: number;
  /** From the events at and behind the generation's activation offset. */
  readonly live: Ranked<Entry>;
  /** From the events before it; absent where nothing is known of them. */
  readonly base?: AggregateBase;
}

/** What was before a generation. */
export interface AggregateBase {
  /** Of the seed; -1 where a former generation left it. */
  readonly version: number;
  /** Whether it says everything up to its limit. A former generation may itself have known nothing of what was before. */
  readonly isWhole: boolean;
  readonly part: Ranked<Entry>;
}

/** What the events of an identifier before a generation's activation offset come to. */
export interface AggregateSeed {
  readonly generation: number;
  /** The higher one replaces the lower. Not negative. */
  readonly version: number;
  readonly part: Ranked<Entry>;
}

/** What is known of an aggregate, of one fragment or of several together. */
export interface KnownAggregate {
  readonly part: Ranked<Entry>;
  /** Whether that includes what was before the activation. */
  readonly isWhole: boolean;
}

type Of = Pick<Aggregate, 'kind' | 'value'>;

/** The state before the first occurrence. An identifier without an event before the activation has nothing to be found out. */
export function beginAggregate(
  generation: number,
  bound: number,
  { isNew = false }: { readonly isNew?: boolean } = {},
): FoldedAggregate {
  const live = { entries: [] };
  if (!isNew) return { generation, bound, live };
  return { generation, bound, live, base: { version: -1, isWhole: true, part: { entries: [] } } };
}

/**
 * Takes an occurrence in, and gives back the same object where nothing changed. Each event of the log once: of `latest` and
 * `earliest` a repetition changes nothing, the others would count it again.
 */
export function foldOccurrence(of: Of, state: FoldedAggregate, occurrence: Occurring): FoldedAggregate {
  const kind = kindOf(of.kind);
  const ranking = kind.ranking(of);
  const capacity = kind.capacity(state.bound);
  let { live } = state;
  for (const entry of kind.entries(of, state.bound, occurrence))
    live = insert(ranking, capacity, live, entry);
  return live === state.live ? state : { ...state, live };
}

/** Puts a seed in the place of what was known before; not an older one, nor one of another generation. */
export function mergeBase(of: Of, state: FoldedAggregate, seed: AggregateSeed): FoldedAggregate {
  if (seed.generation !== state.generation || seed.version < (state.base?.version ?? -1)) return state;
  const kind = kindOf(of.kind);
  const ranking = kind.ranking(of);
  const part = truncate(ranking, kind.capacity(state.bound), unite(ranking, [seed.part, { entries: [] }]));
  return { ...state, base: { version: seed.version, isWhole: true, part } };
}

/**
 * Begins the next generation: what the former one knew stays what is known of the past, until a seed says more. To be
 * called before the first event at or behind the activation offset is folded.
 */
export function regenerate(
  of: Of,
  state: FoldedAggregate,
  generation: number,
  bound: number,
): FoldedAggregate {
  const kind = kindOf(of.kind);
  const { part, isWhole } = knownOf(of, state);
  const kept = truncate(kind.ranking(of), kind.capacity(bound), part);
  return { generation, bound, live: { entries: [] }, base: { version: -1, isWhole, part: kept } };
}

/** What a state says, both halves together. */
export function knownOf(of: Of, { live, base }: FoldedAggregate): KnownAggregate {
  if (!base) return { part: live, isWhole: false };
  return { part: unite(kindOf(of.kind).ranking(of), [base.part, live]), isWhole: base.isWhole };
}

/** What the states of several fragments say together; undefined where there is none. */
export function knownOfAll(of: Of, states: readonly FoldedAggregate[]): KnownAggregate | undefined {
  if (states.length === 0) return undefined;
  return mergeKnown(
    of,
    states.map((state) => knownOf(of, state)),
  );
}

/**
 * What the fragments of one person say together, each given once: associative and commutative. An id that several of them
 * have counts once in `latest` and `earliest`, which keep ids: then merging is idempotent, too. The others keep none: an
 * event that came through two identifiers counts in each.
 */
export function mergeKnown(of: Of, all: readonly KnownAggregate[]): KnownAggregate {
  const ranking = kindOf(of.kind).ranking(of);
  return {
    part: unite(
      ranking,
      all.map(({ part }) => part),
    ),
    isWhole: all.every(({ isWhole }) => isWhole),
  };
}

/**
 * As {@link mergeKnown}, and no more of it than a state of this bound keeps: in whatever order and by whatever steps many are
 * merged, they come to the same.
 */
export function mergeKnownWithin(of: Of, bound: number, all: readonly KnownAggregate[]): KnownAggregate {
  const kind = kindOf(of.kind);
  const { part, isWhole } = mergeKnown(of, all);
  return { part: truncate(kind.ranking(of), kind.capacity(bound), part), isWhole };
}

/** How many entries each half of a state keeps. */
export function capacityOf({ kind }: Pick<Aggregate, 'kind'>, bound: number): number {
  return kindOf(kind).capacity(bound);
}

/** What a state takes at most, in bytes of JSON: two halves and a limit each. */
export function maxBytesOf({ kind }: Pick<Aggregate, 'kind'>, bound: number): number {
  const { capacity, entryBytes } = kindOf(kind);
  return 2 * (capacity(bound) + 1) * (entryBytes + 1) + 200;
}
