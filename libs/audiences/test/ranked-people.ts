import { compareRanked, type Score, type ScoreGroup } from '../src/computed/score.js';

type Value = string | number;
type Groups = Pick<Score, 'groups' | 'best'>;

/** The rule in words: 1 + floor(groups × people strictly worse / people). */
export function ruled(values: readonly Value[], { groups, best }: Groups): ReadonlyMap<Value, number> {
  const sign = best === 'highest' ? 1 : -1;
  const worse = (value: Value) => values.filter((one) => sign * compareRanked(one, value) < 0).length;
  return new Map(values.map((value) => [value, 1 + Math.floor((groups * worse(value)) / values.length)]));
}

/** The groups of people, as a query finds them. */
export function groupsOf(values: readonly Value[], of: Groups): readonly ScoreGroup[] {
  const sign = of.best === 'highest' ? 1 : -1;
  return [...Map.groupBy(ruled(values, of), ([, score]) => score)].map(([score, entries]) => {
    const [border = 0] = entries.map(([value]) => value).sort((a, b) => sign * compareRanked(a, b));
    return { score, people: entries.length, border };
  });
}
