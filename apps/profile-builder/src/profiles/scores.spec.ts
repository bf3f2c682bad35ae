import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { beginAggregate, foldOccurrence, type Borders } from '@tributary/audiences';
import { fragmentKey, messageOf, TOPICS, type ProfileMessage } from '@tributary/contracts';
import { ProcessorDriver } from '@tributary/drivers';
import type { LogRecord } from '@tributary/kafka';
import { groupOfFact } from '@tributary/kernel';
import { ALL_KNOWN } from '../../test/known.fixture.js';
import { readBorders, type BordersInForce } from '../traits/borders-in-force.js';
import { isScoreInForce, toTraitInForce, type ComputedInForce } from '../traits/traits-in-force.js';
import { PROFILES } from './profiles.module.js';
import type { ProfilesState } from './profiles.processor.js';

const config = {
  PROFILE_BUILDER_CACHE_BYTES: 100_000,
  PROFILE_BUILDER_GATHER_MS: 0,
  PROFILE_BUILDER_PUBLISH_MS: 0,
};
const SPENT = "event('Paid').sum(property('price'))";
const MOST = "event('Paid').max(property('price'))";
const SCORE = "trait('spent').score(3)";
const traits = new Map<string, ComputedInForce>();
const borders = new Map<string, BordersInForce>();
let isKnown = true;
let driver: ProcessorDriver<ProfilesState>;
let offset = 0;

beforeEach(async () => {
  traits.clear();
  borders.clear();
  isKnown = true;
  const known = {
    ...ALL_KNOWN,
    isKnown: (_: string, { length }: { readonly length: number }) => isKnown || length === 0,
  };
  driver = await ProcessorDriver.declared(PROFILES, { config, definitions: { all: traits, borders, known } });
});
afterEach(() => driver.close());

function trait(key: string, query: string): ComputedInForce {
  const read = toTraitInForce('w', key, query);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

function bordersOf(of: Borders, rankedQuery = SPENT, query = SCORE): BordersInForce {
  const computedAt = '2026-01-01T00:00:00.000Z';
  const value = { workspaceId: 'w', key: 'score', query, rankedQuery, borders: of, people: 1, computedAt };
  const record = {
    key: 'w/score',
    value: Buffer.from(JSON.stringify(value)),
    headers: { schema: 'score-borders@1' },
  };
  const read = readBorders(record as unknown as LogRecord);
  if (!read.ok || !read.value) throw new Error(read.ok ? 'removed' : read.error);
  return read.value;
}

/** What is in force is another now: all that is published then. */
async function redefined(): Promise<readonly ProfileMessage[]> {
  return profilesIn([...(await driver.redefined()), ...(await driver.advance(1_000))]);
}

async function define(key: string, query: string) {
  traits.set(`w/${key}`, trait(key, query));
  return redefined();
}

async function rank(of: BordersInForce) {
  borders.set('w/score', of);
  return redefined();
}

function said(profileId: string, fact: string, value: unknown) {
  offset += 1;
  const identifier = `user_id:${profileId}`;
  const version = fact === '@attached' ? [offset, -1] : [offset, offset];
  return {
    key: fragmentKey('w', profileId, identifier, groupOfFact(fact)),
    value: JSON.stringify({ workspaceId: 'w', profileId, identifier, facts: { [fact]: { version, value } } }),
    headers: { schema: 'fragment@1' },
  };
}

function spent(profileId: string, value: number) {
  const of = trait('spent', SPENT);
  if (isScoreInForce(of)) throw new Error('it is of events');
  const [{ aggregate, bound }] = of.wanted;
  const occurrence = { time: 1, receivedAt: 1, sequence: 0, id: profileId, value };
  const state = foldOccurrence(aggregate, beginAggregate(0, bound, { isNew: true }), occurrence);
  return said(profileId, `aggregate/${aggregate.hash}`, state);
}

/** Everybody who paid, by what they paid. */
async function paid(prices: Readonly<Record<string, number>>): Promise<readonly ProfileMessage[]> {
  const records = Object.entries(prices).flatMap(([profileId, price]) => [
    said(profileId, '@attached', { attached: true }),
    said(profileId, '@seen', { first: 1, last: 2, count: 1 }),
    spent(profileId, price),
  ]);
  return profilesIn(await driver.feed(TOPICS.fragments, records));
}

const profilesIn = (outputs: readonly LogRecord[]) =>
  outputs
    .filter(({ topic }) => topic === TOPICS.profiles.name)
    .map((record) => messageOf(record) as ProfileMessage);
const scoresIn = (profiles: readonly ProfileMessage[]) =>
  Object.fromEntries(profiles.map(({ profileId, computed }) => [profileId, computed.score]));

describe('a score', () => {
  it('is absent until it has borders, and then in every profile that is ranked', async () => {
    await paid({ a: 1, b: 5, c: 9 });
    await driver.feed(TOPICS.fragments, [
      said('d', '@attached', { attached: true }),
      said('d', '@seen', { first: 1, last: 2, count: 1 }),
    ]);
    await define('spent', SPENT);
    expect(scoresIn(await define('score', SCORE))).toEqual({});
    expect(scoresIn(await rank(bordersOf([5, 9])))).toEqual({ a: 1, b: 2, c: 3 });
    expect((JSON.parse(driver.read('w/d') ?? '{}') as ProfileMessage).computed).toEqual({ spent: 0 });
  });

  it('follows its value between two borders at once', async () => {
    await define('spent', SPENT);
    await define('score', SCORE);
    await rank(bordersOf([5, 9]));
    expect(scoresIn(await paid({ a: 4 }))).toEqual({ a: 1 });
    expect(scoresIn(await paid({ a: 9 }))).toEqual({ a: 3 });
  });

  it('is published anew for new borders where it is another, and for nobody else', async () => {
    for (let i = 0; i < 450; i += 1) await paid({ [`p${i}`]: i });
    await define('spent', SPENT);
    await define('score', SCORE);
    expect(Object.keys(scoresIn(await rank(bordersOf([100, 200]))))).toHaveLength(450);
    const changed = scoresIn(await rank(bordersOf([103, 200])));
    expect(changed).toEqual({ p100: 1, p101: 1, p102: 1 });
    expect(await rank(bordersOf([103, 200]))).toEqual([]);
  });

  it('goes on through the profiles where it was when the process ended, to the newest borders', async () => {
    for (let i = 0; i < 450; i += 1) await paid({ [`p${i}`]: i });
    await define('spent', SPENT);
    await define('score', SCORE);
    await rank(bordersOf([100, 200]));
    borders.set('w/score', bordersOf([50, 200]));
    await driver.redefined();
    borders.set('w/score', bordersOf([40, 300]));
    await driver.redefined();
    await driver.crash();
    await driver.advance(1_000);
    await driver.poll();
    await driver.advance(1_000);
    const last = new Map(driver.outputs(TOPICS.profiles).map((record) => [record.key, record]));
    const scores = scoresIn(profilesIn([...last.values()]));
    for (let i = 0; i < 450; i += 1)
      expect([i, scores[`p${i}`]]).toEqual([i, i >= 300 ? 3 : i >= 40 ? 2 : 1]);
  });

  it('is by the borders of the definition that answers', async () => {
    await paid({ a: 5 });
    await define('spent', SPENT);
    await define('score', SCORE);
    await rank(bordersOf([5, 9]));
    isKnown = false;
    expect(scoresIn(await define('spent', MOST))).toEqual({});
    // Those of the definition that is still building come first, and wait for it.
    expect(scoresIn(await rank(bordersOf([1, 2], MOST)))).toEqual({});
    expect(scoresIn(await paid({ b: 9 }))).toEqual({ b: 3 });
    isKnown = true;
    await redefined();
    // A maximum is of the same aggregate: it is there.
    expect(JSON.parse(driver.read('w/b') ?? '{}')).toMatchObject({ computed: { spent: 9, score: 3 } });
    expect(JSON.parse(driver.read('w/a') ?? '{}')).toMatchObject({ computed: { spent: 5, score: 3 } });
  });

  it('has its former borders until those of its new text are there', async () => {
    await paid({ a: 5, b: 1 });
    await define('spent', SPENT);
    await define('score', SCORE);
    await rank(bordersOf([5, 9]));
    const ten = "trait('spent').score(10)";
    expect(scoresIn(await define('score', ten))).toEqual({});
    const nine = [1, 1, 1, 1, 5, 5, 5, 5, 5];
    expect(scoresIn(await rank(bordersOf(nine, SPENT, ten)))).toEqual({ a: 10, b: 5 });
  });

  it('goes with its definition', async () => {
    await paid({ a: 5 });
    await define('spent', SPENT);
    await define('score', SCORE);
    await rank(bordersOf([5, 9]));
    traits.delete('w/score');
    expect((await redefined()).map(({ computed }) => computed)).toEqual([{ spent: 5 }]);
  });
});

describe('the borders of a score', () => {
  it.each([[[1]], [[1, 2, 3]]])('%j are refused where the score has other groups', (of) => {
    expect(() => bordersOf(of)).toThrow('3 groups have 2');
  });
});
