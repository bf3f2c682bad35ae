import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, type ControlTables } from '@tributary/control';
import { toInstant } from '@tributary/kernel';
import { LOGGER, type Logger } from '@tributary/service';
import { eventually } from '@tributary/testing';
import { sql } from 'kysely';
import { RunningApi } from '../../test/running-api.fixture.js';
import { dueScores } from './due-scores.js';
import { Duty } from './duty.js';
import type { ScoresTables } from './scores.tables.js';

const api = new RunningApi();
beforeAll(() => api.start());
afterAll(() => api.stop());

const database = () =>
  api.service.app.get<Database<ControlTables>>(Database, { strict: false }).withTables<ScoresTables>();

describe('a duty', () => {
  it('is done by one process at a time, and by another when that one ends', async () => {
    const done = { first: 0, second: 0 };
    const duty = (who: keyof typeof done) =>
      new Duty({
        ...{ name: 'of-a-spec', everyMs: 20, database: database(), plane: { isPrepared: true } },
        logger: api.service.app.get<Logger>(LOGGER, { strict: false }),
        work: () => {
          done[who] += 1;
          return Promise.resolve();
        },
      });
    const [first, second] = [duty('first'), duty('second')];
    first.start();
    await eventually(() => done.first > 1);
    second.start();
    const before = done.first;
    await eventually(() => done.first > before + 5);
    expect(done.second).toBe(0);
    await first.stop();
    await eventually(() => done.second > 1);
    await second.stop();
  });
});

describe('scores', () => {
  const DEFINED = Date.UTC(2026, 5, 1, 12);
  const put = async (kind: string, key: string, value: object) => {
    const row = { workspace: 'past', kind, key, id: key, version: 1, value: JSON.stringify(value) };
    await database().run((statements) =>
      statements
        .insertInto('definitions')
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['workspace', 'kind', 'key']).doUpdateSet({ value: row.value }),
        )
        .execute(),
    );
  };
  const isDue = async (at: number, without: readonly string[] = []) =>
    (await dueScores(database(), at, without)).some(({ workspace }) => workspace === 'past');
  const computed = (at: number, rankedQuery = "event('A').count()") =>
    put('score-borders', 's', { query: "trait('a').score(5)", rankedQuery, computedAt: toInstant(at) });

  it('are ranked at once, then after twice as long each time, and every day after midnight', async () => {
    // Another has the duty of this process, which would take them for due by the clock.
    await database().run((statements) =>
      sql`INSERT INTO duties (name, leased_by, leased_until) VALUES ('scores', 'spec', now() + interval '1 hour')
          ON CONFLICT (name) DO UPDATE SET leased_by = 'spec', leased_until = excluded.leased_until`.execute(
        statements,
      ),
    );
    const updatedAt = toInstant(DEFINED);
    await put('trait', 's', { query: "trait('a').score(5)", updatedAt });
    expect(await isDue(DEFINED)).toBe(false);
    await put('trait', 'a', { query: "event('A').count()", updatedAt });
    expect(await isDue(DEFINED)).toBe(true);
    expect(await isDue(DEFINED, ['past/s'])).toBe(false);
    await computed(DEFINED + 1_000);
    expect(await isDue(DEFINED + 5_999)).toBe(false);
    expect(await isDue(DEFINED + 6_000)).toBe(true);
    await computed(DEFINED + 60_000);
    expect(await isDue(DEFINED + 119_999)).toBe(false);
    expect(await isDue(DEFINED + 120_000)).toBe(true);
    const evening = Date.UTC(2026, 5, 5, 20);
    const midnight = Date.UTC(2026, 5, 6);
    await computed(evening);
    expect(await isDue(midnight - 1)).toBe(false);
    expect(await isDue(midnight)).toBe(true);
    await computed(evening, "event('B').count()");
    expect(await isDue(evening)).toBe(true);
  });
});
