import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { beginAggregate, foldOccurrence, type Occurring } from '@tributary/audiences';
import { fragmentKey, messageOf, TOPICS, type ProfileMessage } from '@tributary/contracts';
import { ProcessorDriver } from '@tributary/drivers';
import type { LogRecord } from '@tributary/kafka';
import { groupOfFact } from '@tributary/kernel';
import { ALL_KNOWN } from '../../test/known.fixture.js';
import { isScoreInForce, toTraitInForce, type TraitInForce } from '../traits/traits-in-force.js';
import { PROFILES } from './profiles.module.js';
import type { ProfilesState } from './profiles.processor.js';

const DAY = 86_400_000;
const config = {
  PROFILE_BUILDER_CACHE_BYTES: 100_000,
  PROFILE_BUILDER_GATHER_MS: 0,
  PROFILE_BUILDER_PUBLISH_MS: 0,
};
const traits = new Map<string, TraitInForce>();
/** Whether all of history is known of an aggregate. */
let known: (hash: string | undefined) => boolean;
let driver: ProcessorDriver<ProfilesState>;
let offset = 0;

beforeEach(async () => {
  traits.clear();
  known = () => true;
  driver = await ProcessorDriver.declared(PROFILES, {
    config,
    definitions: {
      all: traits,
      borders: new Map(),
      known: { ...ALL_KNOWN, isKnown: (_, [one]) => known(one?.aggregate.hash) },
    },
  });
});
afterEach(() => driver.close());

function trait(key: string, query: string): TraitInForce {
  const read = toTraitInForce('w', key, query);
  if (!read.ok) throw new Error(read.error);
  if (isScoreInForce(read.value)) throw new Error(`${query} is a score`);
  return read.value;
}

async function define(key: string, query: string | undefined): Promise<readonly LogRecord[]> {
  if (query === undefined) traits.delete(`w/${key}`);
  else traits.set(`w/${key}`, trait(key, query));
  const published = await driver.redefined();
  return [...published, ...(await driver.advance(100))];
}

function said(profileId: string, identifier: string, fact: string, value: unknown) {
  offset += 1;
  const version = fact === '@attached' ? [offset, -1] : [offset, offset];
  const facts = { [fact]: { version, value } };
  return {
    key: fragmentKey('w', profileId, identifier, groupOfFact(fact)),
    value: JSON.stringify({ workspaceId: 'w', profileId, identifier, facts }),
    headers: { schema: 'fragment@1' },
  };
}

const begins = (profileId: string, identifier: string) => [
  said(profileId, identifier, '@attached', { attached: true }),
  said(profileId, identifier, '@seen', { first: 1, last: 2, count: 1 }),
];

/** What an identifier knows of a trait: prices, and when they were paid. */
function paid(profileId: string, identifier: string, of: TraitInForce, prices: readonly [number, number][]) {
  const { aggregate, bound } = of.wanted[0];
  const occurrences = prices.map(([time, value], i): Occurring => ({
    ...{ time, value, receivedAt: time, sequence: 0, id: `${identifier} ${i}` },
  }));
  const state = occurrences.reduce(
    (folded, one) => foldOccurrence(aggregate, folded, one),
    beginAggregate(0, bound, { isNew: true }),
  );
  return said(profileId, identifier, `aggregate/${aggregate.hash}`, state);
}

const feed = (...facts: readonly ReturnType<typeof said>[]) => driver.feed(TOPICS.fragments, facts);
const profilesIn = (outputs: readonly LogRecord[]) =>
  outputs
    .filter(({ topic }) => topic === TOPICS.profiles.name)
    .map((record) => messageOf(record) as ProfileMessage);
const computedIn = (outputs: readonly LogRecord[]) => profilesIn(outputs).map(({ computed }) => computed);

describe('a computed trait', () => {
  const SPENT = "event('Paid').sum(property('price'))";

  it('is in the profile as soon as an event changes it, of all identifiers together', async () => {
    const spent = trait('spent', SPENT);
    await feed(...begins('p', 'user_id:u'), ...begins('p', 'email:e'));
    expect(computedIn(await define('spent', SPENT))).toEqual([{ spent: 0 }]);
    expect(computedIn(await feed(paid('p', 'user_id:u', spent, [[1, 0.1]])))).toEqual([{ spent: 0.1 }]);
    expect(computedIn(await feed(paid('p', 'email:e', spent, [[2, 0.2]])))).toEqual([{ spent: 0.3 }]);
  });

  it('goes with an identifier that leaves', async () => {
    const spent = trait('spent', SPENT);
    await define('spent', SPENT);
    await feed(...begins('p', 'user_id:u'), ...begins('p', 'email:e'), paid('p', 'email:e', spent, [[2, 5]]));
    const left = said('p', 'email:e', '@attached', { attached: false, movedTo: 'q' });
    expect(computedIn(await feed(left)).at(-1)).toEqual({ spent: 0 });
  });

  it('loses what leaves its window, at that instant and with no event, also over a restart', async () => {
    const week = "event('Paid').within(7 days).sum(property('price'))";
    await define('week', week);
    await feed(...begins('p', 'user_id:u'));
    const now = driver.clock.now();
    const grain = (7 * DAY) / 1_440;
    const [before, tile] = [now - DAY, now].map((at) => Math.floor(at / grain) * grain) as [number, number];
    const published = await feed(
      paid('p', 'user_id:u', trait('week', week), [
        [before, 3],
        [tile, 4],
      ]),
    );
    expect(computedIn(published)).toEqual([{ week: 7 }]);
    await driver.restart();
    const [left, none] = [before + 7 * DAY, tile + 7 * DAY];
    expect(profilesIn(await driver.advance(left - 1 - driver.clock.now()))).toEqual([]);
    const after = profilesIn(await driver.advance(2 * 60_000));
    expect(after).toMatchObject([{ computed: { week: 4 } }]);
    expect(Date.parse(after[0]?.at ?? '')).toBeGreaterThanOrEqual(left);
    const last = profilesIn(await driver.advance(none - driver.clock.now() + 60_000));
    expect(last).toMatchObject([{ computed: { week: 0 } }]);
    // The same facts: the later instant says which of the two holds.
    expect(last[0]?.version).toBe(after[0]?.version);
    expect(profilesIn(await driver.advance(30 * DAY))).toEqual([]);
  });

  it('is read as of now, also where what time changed is not published yet', async () => {
    const minute = "event('Paid').within(1 minutes).count()";
    await define('minute', minute);
    const now = Math.floor(driver.clock.now() / 1_000) * 1_000;
    await feed(...begins('p', 'user_id:u'), paid('p', 'user_id:u', trait('minute', minute), [[now, 1]]));
    const read = () => (JSON.parse(driver.read('w/p') ?? '{}') as ProfileMessage).computed;
    expect(read()).toEqual({ minute: 1 });
    driver.clock.sleep(61_000);
    expect(read()).toEqual({ minute: 0 });
    expect(computedIn(await driver.advance(0))).toEqual([{ minute: 0 }]);
  });

  it('goes when it is removed, and changes with its definition, in every profile of the workspace', async () => {
    for (let i = 0; i < 450; i += 1) await feed(...begins(`p${i}`, `user_id:u${i}`));
    expect(computedIn(await define('spent', SPENT))).toHaveLength(450);
    const first = "event('Paid').first_at()";
    expect(new Set(computedIn(await define('spent', first)).map((one) => JSON.stringify(one)))).toEqual(
      new Set(['{}']),
    );
    await define('spent', "event('Paid').count()");
    const gone = computedIn(await define('spent', undefined));
    expect(gone).toHaveLength(450);
    expect(gone[0]).toEqual({});
  });

  it('answers when its past is known, and the definition before it until then', async () => {
    const paidOnce = trait('spent', SPENT);
    const most = "event('Paid').max(property('price'))";
    await feed(...begins('p', 'user_id:u'));
    known = () => false;
    expect(computedIn(await define('spent', SPENT))).toEqual([]);
    await feed(paid('p', 'user_id:u', paidOnce, [[1, 2]]));
    known = () => true;
    await driver.redefined();
    expect(computedIn(await driver.advance(100)).at(-1)).toEqual({ spent: 2 });
    known = () => false;
    expect(computedIn(await define('spent', "event('Paid').count()"))).toEqual([]);
    await driver.restart();
    expect(
      computedIn(
        await feed(
          paid('p', 'user_id:u', paidOnce, [
            [1, 2],
            [2, 3],
          ]),
        ),
      ),
    ).toEqual([{ spent: 5 }]);
    known = () => true;
    expect(computedIn(await define('spent', most))).toEqual([{ spent: 3 }]);
  });

  it('is never missing where it was: not while a lost disk is read again', async () => {
    await define('spent', SPENT);
    await feed(...begins('p', 'user_id:u'), paid('p', 'user_id:u', trait('spent', SPENT), [[1, 2]]));
    await feed(said('p', 'user_id:u', '@seen', { first: 1, last: 3, count: 2 }));
    const before = driver.outputs(TOPICS.profiles).length;
    await driver.crash({ disk: 'lost' });
    for (let i = 0; i < 4; i += 1) await driver.poll(1);
    await driver.advance(1_000);
    const after = computedIn(driver.outputs(TOPICS.profiles).slice(before));
    expect(new Set(after.map((one) => JSON.stringify(one)))).toEqual(new Set(['{"spent":2}']));
  });

  it('goes on through the profiles where it was when the process ended', async () => {
    for (let i = 0; i < 450; i += 1) await feed(...begins(`p${i}`, `user_id:u${i}`));
    traits.set('w/spent', trait('spent', SPENT));
    await driver.redefined();
    await driver.crash();
    await driver.advance(1_000);
    await driver.poll();
    await driver.advance(1_000);
    const last = new Map(driver.outputs(TOPICS.profiles).map((record) => [record.key, record]));
    expect([...last.values()].every(({ value }) => String(value).includes('"spent":0'))).toBe(true);
    expect(last.size).toBe(450);
  });

  it('is known again when a disk is lost, with its windows', async () => {
    const week = "event('Paid').within(7 days).count()";
    await define('week', week);
    await feed(
      ...begins('p', 'user_id:u'),
      paid('p', 'user_id:u', trait('week', week), [[driver.clock.now(), 3]]),
    );
    await driver.crash({ disk: 'lost' });
    await driver.poll();
    await driver.advance(1_000);
    const out = computedIn(await driver.advance(8 * DAY));
    expect(out.at(-1)).toEqual({ week: 0 });
  });

  it('is left out of a profile that is full, which says so', async () => {
    const list = "event('Paid').unique(property('price'))";
    for (const n of [1, 2, 3, 4, 5])
      traits.set(
        `w/l${n}`,
        trait(`l${n}`, `event('Paid').where(property('n') = ${n}).unique(property('price'))`),
      );
    await define('l0', list);
    await feed(...begins('p', 'user_id:u'));
    const facts = [...traits.values()].map((one) =>
      paid(
        'p',
        'user_id:u',
        one,
        Array.from({ length: 900 }, (_, i) => [i, 1e17 + i * 1_000]),
      ),
    );
    const [profile] = profilesIn(await feed(...facts)).slice(-1);
    expect(profile?.truncated).toEqual(['computed']);
    expect(JSON.stringify(profile?.computed).length).toBeLessThan(65_537);
    expect(Object.keys(profile?.computed ?? {})).toEqual(['l0', 'l1', 'l2']);
  });
});
