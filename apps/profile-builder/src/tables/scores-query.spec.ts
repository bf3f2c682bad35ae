import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  bordersOf,
  groupsQuery,
  isScore,
  parseTrait,
  scoreOf,
  traitQuery,
  type ScoreGroup,
} from '@tributary/audiences';
import { profileIdOf, type Identifier } from '@tributary/kernel';
import { readTable, storeCustomers } from '../../test/cdnow.fixture.js';
import { tablesOfSpec } from '../../test/tables.fixture.js';

const AT = Date.UTC(1997, 8, 30);
const FIVE = { groups: 5, best: 'highest' } as const;
const tables = tablesOfSpec();

beforeAll(async () => {
  await tables.start();
  await storeCustomers(tables, AT);
});
afterAll(() => tables.close());

async function rowsOf<T>(query: string, workspaceId = 'w'): Promise<readonly T[]> {
  const result = await tables.client.query({ query, query_params: { workspaceId }, format: 'JSONEachRow' });
  return result.json<T>();
}

function traitOf(query: string) {
  const parsed = parseTrait(query);
  if (!parsed.ok || isScore(parsed.value)) throw new Error(`${query} is not computed from events`);
  return parsed.value;
}

const DIMENSIONS = {
  recency: traitOf("event('Order Completed').last_at()"),
  frequency: traitOf("event('Order Completed').count()"),
  monetary: traitOf("event('Order Completed').sum(property('revenue'))"),
} as const;
type Dimension = keyof typeof DIMENSIONS;

async function groupsOf(of: Dimension): Promise<readonly ScoreGroup[]> {
  const rows = await rowsOf<{ score: number; people: string; border: string }>(
    groupsQuery(DIMENSIONS[of], FIVE, { at: AT }),
  );
  return rows.map(({ score, people, border }) => ({
    score,
    people: Number(people),
    border: JSON.parse(border) as string | number,
  }));
}

/** By profile, from the values that one query finds and the borders of another. */
async function scoresOf(of: Dimension): Promise<ReadonlyMap<string, number>> {
  const borders = bordersOf(await groupsOf(of), FIVE);
  const values = await rowsOf<{ profile_id: string; value: string }>(traitQuery(DIMENSIONS[of], { at: AT }));
  return new Map(
    values.map(({ profile_id, value }) => [
      profile_id,
      scoreOf(JSON.parse(value) as string | number, borders, FIVE),
    ]),
  );
}

describe('the queries of scores', () => {
  it.each<[Dimension, readonly number[]]>([
    ['recency', [480, 478, 459, 475, 465]],
    ['frequency', [1411, 0, 439, 214, 293]],
    ['monetary', [480, 464, 471, 471, 471]],
  ])('find the customers of CDNOW in these groups of %s on 1997-09-30', async (of, sizes) => {
    const groups = new Map((await groupsOf(of)).map(({ score, people }) => [score, people]));
    expect([1, 2, 3, 4, 5].map((score) => groups.get(score) ?? 0)).toEqual(sizes);
  });

  it('find them in these cells, and ten of them at these scores', async () => {
    const [r, f, m] = [await scoresOf('recency'), await scoresOf('frequency'), await scoresOf('monetary')];
    const cells = new Map<string, number>();
    for (const [profile, recency] of r) {
      const cell = `${recency} ${f.get(profile)} ${m.get(profile)}`;
      cells.set(cell, (cells.get(cell) ?? 0) + 1);
    }
    const expected = readTable('cdnow-rfm-cells.txt').map(
      ([...cell]) => [cell.slice(0, 3).join(' '), Number(cell[3])] as const,
    );
    expect(cells).toEqual(new Map(expected));
    for (const [id, ...scores] of CUSTOMERS) {
      const profile = profileIdOf('w', `user_id:${id}` as Identifier);
      expect([id, r.get(profile), f.get(profile), m.get(profile)]).toEqual([id, ...scores]);
    }
  });

  it('turn round where less is better, and have no group where there is nobody', async () => {
    const least = { groups: 5, best: 'lowest' } as const;
    const query = groupsQuery(DIMENSIONS.frequency, least, { at: AT });
    const rows = await rowsOf<{ score: number; people: string; border: string }>(query);
    // The 1,411 who bought once are the best; of all others, fewer are worse than a fifth, or two.
    expect(rows.map(({ score, people }) => [score, Number(people)])).toEqual([
      [1, 507],
      [2, 439],
      [3, 1411],
    ]);
    expect(rows.at(-1)?.border).toBe('1');
    expect(await rowsOf(query, 'nobody')).toEqual([]);
  });
});

const CUSTOMERS = [
  [1, 5, 4, 4],
  [2, 1, 3, 4],
  [3, 1, 1, 1],
  [17, 5, 5, 5],
  [59, 5, 3, 4],
  [79, 4, 5, 4],
  [92, 5, 5, 5],
  [157, 5, 5, 5],
  [1901, 4, 5, 5],
  [2357, 4, 1, 2],
] as const;
