import type { ComputedTrait } from '../computed/computed-trait.js';
import type { Score } from '../computed/score.js';
import { peopleSql, type TraitQueryOptions } from './trait-query.js';

/**
 * A query for the groups of people by their score, with the parameter `workspaceId`: rows of `score`, `people` and `border`,
 * the JSON of the least good value that has it. Empty groups have no row.
 *
 * @throws where the trait cannot be ranked
 */
export function groupsQuery(
  trait: ComputedTrait,
  { groups, best }: Pick<Score, 'groups' | 'best'>,
  options: TraitQueryOptions,
): string {
  const { from, ranked } = peopleSql(trait, options);
  if (!ranked) throw new Error(`${trait.reducer.op} cannot be ranked`);
  const order = best === 'highest' ? 'ASC' : 'DESC';
  const least = best === 'highest' ? 'min' : 'max';
  return `SELECT score, toUInt64(sum(people)) AS people, ${ranked.show(`${least}(ranked)`)} AS border FROM (
SELECT ranked, people, toUInt32(1 + intDiv(${groups} * (sum(people) OVER (ORDER BY ranked ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - people), sum(people) OVER ())) AS score
FROM (SELECT ranked, count() AS people FROM (SELECT profile_id, assumeNotNull(${ranked.by}) AS ranked ${from} HAVING ${ranked.by} IS NOT NULL) GROUP BY ranked))
GROUP BY score ORDER BY score`;
}
