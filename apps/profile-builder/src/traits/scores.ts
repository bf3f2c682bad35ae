import { rankedValue, scoreOf, type Computation } from '@tributary/audiences';
import type { BordersInForce, BordersOf } from './borders-in-force.js';

/** The borders by which scores answer, by `workspaceId/key`. Plain JSON. */
export type AnsweringBorders = Readonly<Record<string, BordersOf>>;

/**
 * The borders of each score that answers: those in force where they are of the definition by which the ranked trait answers,
 * else those before, where these are.
 */
export function takenBorders(
  before: AnsweringBorders,
  inForce: ReadonlyMap<string, BordersInForce>,
  answering: Readonly<Record<string, string>>,
  isScore: (key: string) => boolean,
): AnsweringBorders {
  const taken: Record<string, BordersOf> = {};
  for (const key of new Set([...inForce.keys(), ...Object.keys(before)])) {
    const workspace = key.slice(0, key.indexOf('/') + 1);
    const isOfAnswer = (one: BordersOf | undefined) =>
      one !== undefined && answering[`${workspace}${one.ranks}`] === one.rankedQuery;
    const chosen = [inForce.get(key), before[key]].find(isOfAnswer);
    if (!chosen || !isScore(key)) continue;
    const { ranks, rankedQuery, best, borders } = chosen;
    taken[key] = { ranks, rankedQuery, best, borders };
  }
  return taken;
}

/** The keys whose borders are others. */
export function differingKeys(a: AnsweringBorders, b: AnsweringBorders): readonly string[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]));
}

/** The score of a person by borders; undefined of who is not ranked. */
export function scoreBy(
  { ranks, best, borders }: BordersOf,
  computed: ReadonlyMap<string, Computation>,
): number | undefined {
  const ranked = computed.get(ranks);
  const value = ranked && rankedValue(ranked);
  return value === undefined ? undefined : scoreOf(value, borders, { best });
}
