import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  fragmentKey,
  messageOf,
  TOPICS,
  type AccountPersonMessage,
  type ProfileMessage,
} from '@tributary/contracts';
import { ProcessorDriver } from '@tributary/drivers';
import type { LogRecord } from '@tributary/kafka';
import { groupOfFact } from '@tributary/kernel';
import { foldedPayments, SPENT, traitOfAccounts } from '../../test/accounts.fixture.js';
import { ALL_KNOWN } from '../../test/known.fixture.js';
import type { TraitInForce } from '../traits/traits-in-force.js';
import { PROFILES } from './profiles.module.js';
import type { ProfilesState } from './profiles.processor.js';

const config = {
  PROFILE_BUILDER_CACHE_BYTES: 100_000,
  PROFILE_BUILDER_GATHER_MS: 0,
  PROFILE_BUILDER_PUBLISH_MS: 0,
};
const traits = new Map<string, TraitInForce>();
let isKnown: boolean;
let driver: ProcessorDriver<ProfilesState>;
let offset = 0;

beforeEach(async () => {
  traits.clear();
  isKnown = true;
  driver = await start();
});
afterEach(() => driver.close());

const start = (more: Partial<typeof config> = {}) =>
  ProcessorDriver.declared(PROFILES, {
    config: { ...config, ...more },
    definitions: { all: traits, borders: new Map(), known: { ...ALL_KNOWN, isKnown: () => isKnown } },
  });

/** Null: the group of the fact is removed. */
function said(profileId: string, identifier: string, fact: string, value: unknown) {
  offset += 1;
  const version = fact === '@attached' ? [offset, -1] : [offset, offset];
  const facts = { [fact]: { version, value } };
  return {
    key: fragmentKey('w', profileId, identifier, groupOfFact(fact)),
    value: value === null ? null : JSON.stringify({ workspaceId: 'w', profileId, identifier, facts }),
    headers: { schema: 'fragment@1' },
  };
}

const begins = (profileId: string, identifier: string) => [
  said(profileId, identifier, '@attached', { attached: true }),
  said(profileId, identifier, '@seen', { first: 1, last: 2, count: 1 }),
];
const named = (profileId: string, identifier: string, groupId: string, since: number) =>
  said(profileId, identifier, `account/group_id:${groupId}`, { since });
const left = (profileId: string, identifier: string) =>
  said(profileId, identifier, '@attached', { attached: false, movedTo: 'q' });

/** What accounts are told, as `profile account since`. */
const toldIn = (outputs: readonly LogRecord[]) =>
  outputs
    .filter(({ headers }) => headers.schema === 'account-person@1')
    .map((record) => messageOf(record) as AccountPersonMessage);
const shortly = ({ profileId, groupId, since }: AccountPersonMessage) =>
  `${profileId} ${groupId} ${since === undefined ? 'no more' : Date.parse(since)}`;
const feed = async (...facts: readonly ReturnType<typeof said>[]) =>
  toldIn(await driver.feed(TOPICS.fragments, facts)).map(shortly);

describe('a profile', () => {
  it('tells its accounts since when it belongs to them, and says so itself', async () => {
    expect(await feed(...begins('p', 'user_id:u'), named('p', 'user_id:u', 'acme', 7))).toEqual(['p acme 7']);
    const profile = JSON.parse(driver.read('w/p') ?? '{}') as ProfileMessage;
    expect(profile.groups).toEqual([{ groupId: 'acme', since: '1970-01-01T00:00:00.007Z' }]);
  });

  it('tells an account the earliest of its identifiers, and takes the later where that one leaves', async () => {
    await feed(...begins('p', 'user_id:u'), ...begins('p', 'email:e'));
    await feed(named('p', 'user_id:u', 'acme', 7));
    expect(await feed(named('p', 'email:e', 'acme', 3))).toEqual(['p acme 3']);
    expect(await feed(left('p', 'email:e'))).toEqual(['p acme 7']);
  });

  it('tells an account when nobody who named it is left', async () => {
    await feed(...begins('p', 'user_id:u'), ...begins('p', 'email:e'), named('p', 'email:e', 'acme', 3));
    expect(await feed(left('p', 'email:e'))).toEqual(['p acme no more']);
    expect(JSON.parse(driver.read('w/p') ?? '{}')).not.toHaveProperty('groups');
  });

  it('tells an account when who named it is forgotten', async () => {
    await feed(...begins('p', 'user_id:u'), ...begins('p', 'email:e'), named('p', 'email:e', 'acme', 3));
    expect(await feed(said('p', 'email:e', '@attached', null))).toEqual(['p acme no more']);
  });

  it('tells its accounts when all of it is forgotten, and nothing afterwards', async () => {
    await feed(...begins('p', 'email:e'), named('p', 'email:e', 'acme', 3));
    expect(await feed(said('p', 'email:e', '@attached', null))).toEqual(['p acme no more']);
    expect(toldIn(await driver.advance(10_000))).toEqual([]);
  });

  it('belongs to twenty accounts at most, those since when it does the longest', async () => {
    const all = Array.from({ length: 25 }, (_, n) => named('p', 'user_id:u', `g${n}`, 100 - n));
    const out = await feed(...begins('p', 'user_id:u'), ...all);
    expect(out.filter((one) => one.endsWith('no more')).sort()).toEqual(
      [0, 1, 2, 3, 4].map((n) => `p g${n} no more`).sort(),
    );
    const profile = JSON.parse(driver.read('w/p') ?? '{}') as ProfileMessage;
    expect(profile.groups).toHaveLength(20);
    expect(profile.truncated).toEqual(['groups']);
  });

  it('tells once a second, the last of what it says', async () => {
    await driver.close();
    driver = await start({ PROFILE_BUILDER_GATHER_MS: 200, PROFILE_BUILDER_PUBLISH_MS: 1_000 });
    await feed(...begins('p', 'user_id:u'), named('p', 'user_id:u', 'acme', 7));
    expect(toldIn(await driver.advance(300)).map(shortly)).toEqual(['p acme 7']);
    for (const since of [6, 5, 4]) expect(await feed(named('p', 'user_id:u', 'acme', since))).toEqual([]);
    await driver.restart();
    expect(toldIn(await driver.advance(1_000)).map(shortly)).toEqual([]);
    expect(toldIn(driver.outputs(TOPICS.accountFacts)).map(shortly)).toEqual(['p acme 7', 'p acme 4']);
  });
});

describe('aggregates of accounts', () => {
  const SCHEMAS = (outputs: readonly LogRecord[]) =>
    outputs
      .filter(({ topic }) => topic === TOPICS.accountFacts.name)
      .map(({ headers, key }) => `${headers.schema} ${key}`);

  async function define(query: string | undefined): Promise<readonly LogRecord[]> {
    if (query === undefined) traits.delete('w/spent');
    else traits.set('w/spent', traitOfAccounts('spent', query));
    return [...(await driver.redefined()), ...(await driver.advance(100))];
  }

  it('are told with each profile, and that they are, behind all profiles', async () => {
    for (let n = 0; n < 250; n += 1)
      await feed(...begins(`p${n}`, `user_id:u${n}`), named(`p${n}`, `user_id:u${n}`, 'acme', 7));
    const out = SCHEMAS(await define(SPENT));
    expect(out).toHaveLength(251);
    expect(out.at(-1)).toBe('accounts-told@1 w/@told/0');
  });

  it('are told as of all identifiers of the profile together', async () => {
    await define(SPENT);
    const spent = traitOfAccounts('spent', SPENT);
    const [{ aggregate }] = spent.wanted;
    await feed(...begins('p', 'user_id:u'), ...begins('p', 'email:e'), named('p', 'user_id:u', 'acme', 7));
    await feed(said('p', 'user_id:u', `aggregate/${aggregate.hash}`, foldedPayments(spent, [[1, 2]])));
    const last = said('p', 'email:e', `aggregate/${aggregate.hash}`, foldedPayments(spent, [[2, 3]]));
    const [person] = toldIn(await driver.feed(TOPICS.fragments, [last]));
    expect(person?.aggregates[aggregate.hash]?.part.entries[0]).toEqual(expect.arrayContaining([2, '5']));
    const profile = JSON.parse(driver.read('w/p') ?? '{}') as ProfileMessage;
    expect(profile.computed).toEqual({});
  });

  it('are not told before their past is known', async () => {
    await feed(...begins('p', 'user_id:u'), named('p', 'user_id:u', 'acme', 7));
    isKnown = false;
    expect(SCHEMAS(await define(SPENT))).toEqual([]);
    isKnown = true;
    expect(SCHEMAS(await define(SPENT))).toEqual([
      'account-person@1 w/group_id:acme',
      'accounts-told@1 w/@told/0',
    ]);
  });

  it('are said to be told again after a restart, and no more when their trait is removed', async () => {
    await define(SPENT);
    await driver.restart();
    const [hash] = traitOfAccounts('spent', SPENT).wanted.map(({ aggregate }) => aggregate.hash);
    const said = () =>
      driver.outputs(TOPICS.accountFacts).map(({ value }) => String(value).includes(hash ?? ''));
    expect(said()).toEqual([true, true]);
    await define(undefined);
    expect(said()).toEqual([true, true, false]);
  });
});

describe('a disk that is lost', () => {
  it('tells accounts nothing before all is read again, then everything', async () => {
    traits.set('w/spent', traitOfAccounts('spent', SPENT));
    await driver.redefined();
    const spent = traitOfAccounts('spent', SPENT);
    const fact = `aggregate/${spent.wanted[0].aggregate.hash}`;
    await feed(...begins('p', 'user_id:u'), named('p', 'user_id:u', 'acme', 7));
    await feed(said('p', 'user_id:u', fact, foldedPayments(spent, [[1, 2]])));
    await feed(
      said(
        'p',
        'user_id:u',
        fact,
        foldedPayments(spent, [
          [1, 2],
          [2, 3],
        ]),
      ),
    );
    await feed(...begins('r', 'user_id:r'), named('r', 'user_id:r', 'acme', 7), left('r', 'user_id:r'));
    const before = driver.outputs(TOPICS.accountFacts).length;
    await driver.crash({ disk: 'lost' });
    for (let i = 0; i < 4; i += 1) await driver.poll(1);
    await driver.crash();
    for (let i = 0; i < 3; i += 1) await driver.poll(1);
    expect(driver.outputs(TOPICS.accountFacts).length).toBe(before);
    await driver.poll();
    await driver.advance(1_000);
    const after = toldIn(driver.outputs(TOPICS.accountFacts).slice(before));
    expect(new Set(after.map(shortly))).toEqual(new Set(['p acme 7', 'r acme no more']));
    const told = after.filter(
      ({ profileId, aggregates }) => profileId === 'p' && Object.keys(aggregates).length > 0,
    );
    expect(told.at(-1)?.aggregates[spent.wanted[0].aggregate.hash]?.part.entries[0]).toEqual(
      expect.arrayContaining([2, '5']),
    );
  });
});
