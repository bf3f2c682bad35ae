import { compareDecimals } from '../decimals.js';
import { numberTextOf } from '../values.js';
import type { Computation, ComputedTrait, ComputedValue } from './computed-trait.js';

/** A score has so many groups at most. */
export const MAX_GROUPS = 100;

/**
 * A computed trait that ranks another one: 1 for the worst group of people, `groups` for the best. Of n people a person
 * has 1 + floor(groups × people who are strictly worse / n), so equal values have equal scores and groups may be empty.
 */
export interface Score {
  /** The key of the trait that is ranked. */
  readonly ranks: string;
  readonly groups: number;
  readonly best: 'highest' | 'lowest';
}

/** How a trait of a workspace is computed: from events, or by ranking another trait. */
export type DefinedTrait = ComputedTrait | Score;

/** For each score from 2 on, the least good value that has it or a better one; null where nobody has. */
export type Borders = readonly (string | number | null)[];

/** A group of people who have one score: how many they are, and the least good of their values. */
export interface ScoreGroup {
  readonly score: number;
  readonly people: number;
  readonly border: string | number;
}

/** Whether a trait ranks another. */
export function isScore(trait: DefinedTrait): trait is Score {
  return 'ranks' in trait;
}

/** Why a trait cannot be ranked; undefined where it can. */
export function rankingFault({ reducer }: ComputedTrait): string | undefined {
  switch (reducer.op) {
    case 'count':
    case 'sum':
    case 'avg':
    case 'unique_count':
    case 'first_at':
    case 'last_at':
      return undefined;
    case 'min':
    case 'max':
      return reducer.as === 'text' ? `${reducer.op}(… as string) is a text` : undefined;
    case 'time_since_first':
    case 'time_since_last':
      return `${reducer.op}() grows by itself; rank ${reducer.op === 'time_since_last' ? 'last_at()' : 'first_at()'}, of which later is better`;
    case 'unique':
      return 'unique(…) is a list; rank unique(…).count()';
    case 'mode':
    case 'first':
    case 'last':
    case 'stage':
      return `${reducer.op}(…) has no order`;
  }
}

/** The value by which a person is ranked; undefined of who is not: no event in the window, or none with a value. */
export function rankedValue({ value, isEmpty }: Computation): string | number | undefined {
  const isRanked = !isEmpty && (typeof value === 'string' || typeof value === 'number');
  return isRanked ? value : undefined;
}

/** The score of a value by the borders. It depends on nothing else. */
export function scoreOf(value: string | number, borders: Borders, { best }: Pick<Score, 'best'>): number {
  const sign = best === 'highest' ? 1 : -1;
  const passed = borders.filter((border) => border !== null && sign * compareRanked(value, border) >= 0);
  return 1 + passed.length;
}

/** The borders of groups, of which empty ones may be missing. */
export function bordersOf(groups: readonly ScoreGroup[], { groups: count }: Pick<Score, 'groups'>): Borders {
  const sorted = [...groups].sort((a, b) => a.score - b.score);
  return Array.from({ length: count - 1 }, (_, i) => {
    return sorted.find(({ score }) => score >= i + 2)?.border ?? null;
  });
}

/** The order of two values of one trait that can be ranked: numbers, exact to the last digit, or instants. */
export function compareRanked(a: ComputedValue, b: ComputedValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [numberTextOf(a), numberTextOf(b)];
  if (x !== undefined && y !== undefined) return compareDecimals(x, y);
  return Date.parse(String(a)) - Date.parse(String(b));
}
