import type { KnownAggregate } from '../aggregates/folded-aggregate.js';
import type { PickedEntry } from '../aggregates/picked-trait.js';
import { readTotal, readValues } from '../aggregates/read-aggregate.js';
import {
  MAX_BOUND,
  nameOf,
  type Aggregate,
  type AggregateKind,
  type WantedAggregate,
} from '../aggregates/typed-aggregate.js';
import { listOf, numberOf } from '../computed/compute.js';

/**
 * What a trait is where identify calls of a person sent several values:
 *
 * - `latest`: that of the last call; null removes it. So it is where there is no rule.
 * - `earliest`: that of the first call.
 * - `non_empty`: that of the last call whose value is neither an empty text nor an empty list.
 * - `max`, `min`: the greatest or least. Numbers, texts that are numbers among them, come before dates, these before
 *   other texts, and booleans last. Lists and objects do not count.
 * - `union`: the different values, each element of a list being one, by their text.
 * - `add`: the exact sum of all numbers.
 *
 * In all but `latest` null counts for nothing.
 */
export const MERGE_STRATEGIES = ['latest', 'earliest', 'non_empty', 'max', 'min', 'union', 'add'] as const;
export type MergeStrategy = (typeof MERGE_STRATEGIES)[number];

/** The strategies by which traits are merged that have another than `latest`, by their names. */
export type Merges = Readonly<Record<string, MergeStrategy>>;

/** A trait as it is merged; times in milliseconds since 1970. */
export interface MergedFact {
  /** Null where it is too large, or nothing of it counts. */
  readonly value: unknown;
  /** Of the call that decides; where several do, of the last that says something. */
  readonly at: number;
  readonly receivedAt: number;
  readonly sequence: number;
  readonly messageId: string;
  readonly sourceId: string;
  /** The value is not that of one call. */
  readonly isOfSeveral?: true;
}

/** A merged trait, and whether all of it is shown. */
export interface MergedTrait {
  /** Undefined where no call counts. */
  readonly fact: MergedFact | undefined;
  readonly isTruncated: boolean;
}

/** The strategy of a trait. */
export function strategyOf(merges: Merges | undefined, name: string): MergeStrategy {
  return (merges && Object.hasOwn(merges, name) ? merges[name] : undefined) ?? 'latest';
}

const wanted = new Map<string, readonly WantedAggregate[]>();
const MOST_REMEMBERED = 10_000;

/** What a strategy asks for: the first has the value, the last the time. None for `latest`. */
export function aggregatesOfMerge(name: string, strategy: MergeStrategy): readonly WantedAggregate[] {
  const key = `${strategy} ${name}`;
  const before = wanted.get(key);
  if (before) return before;
  const found = wantedOf(name, strategy);
  if (wanted.size >= MOST_REMEMBERED) wanted.clear();
  wanted.set(key, found);
  return found;
}

/** The trait by a strategy other than `latest`, from the aggregates that it asks for. */
export function mergedTrait(
  name: string,
  strategy: MergeStrategy,
  knownOf: (aggregate: Aggregate) => KnownAggregate | undefined,
): MergedTrait {
  const [of, time = of] = aggregatesOfMerge(name, strategy).map(({ aggregate }) => aggregate);
  const known = of && knownOf(of);
  const call = time && (knownOf(time)?.part.entries[0] as PickedEntry | undefined);
  if (!known || !call) return { fact: undefined, isTruncated: false };
  const [at, , receivedAt, sequence, json, messageId, sourceId, isCut = false] = call;
  const from = { at, receivedAt, sequence, messageId, sourceId };
  if (of === time) return { fact: { value: JSON.parse(json) as unknown, ...from }, isTruncated: isCut };
  const { value = null, isTruncated = false } = strategy === 'add' ? sumOf(of, known) : unionOf(known);
  return { fact: { value, ...from, isOfSeveral: true }, isTruncated };
}

interface Value {
  readonly value?: unknown;
  readonly isTruncated?: boolean;
}

function sumOf(of: Aggregate, known: KnownAggregate): Value {
  const { values, sum, outside } = readTotal(of, known);
  if (values === 0) return { isTruncated: outside > 0 };
  return { value: numberOf(sum), isTruncated: outside > 0 || sum === undefined };
}

function unionOf(known: KnownAggregate): Value {
  const { values, isComplete } = readValues(known);
  const { value, isTruncated = false } = listOf(values.filter((one) => one.value !== ''));
  return { value, isTruncated: isTruncated || !isComplete };
}

function wantedOf(name: string, strategy: MergeStrategy): readonly WantedAggregate[] {
  const value = { from: 'trait', path: name } as const;
  const lastCall = one('trait', { ...value, as: 'non_empty' });
  switch (strategy) {
    case 'latest':
      return [];
    case 'union':
      return [one('values', value), lastCall];
    case 'add':
      return [one('total', value), lastCall];
    default:
      return [one('trait', { ...value, as: strategy })];
  }
}

function one(kind: AggregateKind, value: NonNullable<Aggregate['value']>): WantedAggregate {
  const aggregate = { call: 'identify', kind, value } as const;
  return { aggregate: { hash: nameOf(aggregate), ...aggregate }, bound: MAX_BOUND[kind] };
}
