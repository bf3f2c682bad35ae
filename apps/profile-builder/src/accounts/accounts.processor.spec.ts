import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { accountReadKey, TOPICS } from '@tributary/contracts';
import { ProcessorDriver } from '@tributary/drivers';
import {
  accountsIn,
  call,
  paid,
  person,
  profileOf,
  SPENT,
  told,
  traitOfAccounts,
} from '../../test/accounts.fixture.js';
import type { TraitInForce } from '../traits/traits-in-force.js';
import type { AccountsState } from './account-state.js';
import { ACCOUNTS } from './accounts.module.js';

const DAY = 86_400_000;
const config = {
  PROFILE_BUILDER_CACHE_BYTES: 100_000,
  PROFILE_BUILDER_GATHER_MS: 0,
  PROFILE_BUILDER_PUBLISH_MS: 0,
};
const traits = new Map<string, TraitInForce>();
let driver: ProcessorDriver<AccountsState>;

beforeEach(async () => {
  traits.clear();
  driver = await ProcessorDriver.declared(ACCOUNTS, { config, definitions: { all: traits } });
});
afterEach(() => driver.close());

const feed = async (...facts: readonly ReturnType<typeof call>[]) =>
  accountsIn(await driver.feed(TOPICS.accountFacts, facts));
const read = (groupId: string, page?: { readonly after: string; readonly limit: number }) =>
  JSON.parse(
    driver.read(accountReadKey({ account: `w/group_id:${groupId}`, ...(page && { page }) })) ?? 'null',
  ) as unknown;

async function define(key: string, query: string): Promise<TraitInForce> {
  const trait = traitOfAccounts(key, query);
  traits.set(`w/${key}`, trait);
  await driver.redefined();
  return trait;
}

describe('an account', () => {
  it('has the latest value of each trait, whichever call is read first', async () => {
    await feed(call('acme', 'm2', { plan: 'pro', seats: 3 }, 2_000));
    const [account] = await feed(call('acme', 'm1', { plan: 'free', city: 'Köln' }, 1_000));
    expect(account).toMatchObject({
      groupId: 'acme',
      traits: { plan: 'pro', seats: 3, city: 'Köln' },
      traitSources: { plan: { messageId: 'm2' }, city: { messageId: 'm1' } },
      firstSeenAt: '1970-01-01T00:00:01.000Z',
      lastSeenAt: '1970-01-01T00:00:02.000Z',
      peopleCount: 0,
    });
  });

  it('loses a trait that a later call sent as null', async () => {
    await feed(call('acme', 'm1', { plan: 'free' }, 1_000));
    expect(await feed(call('acme', 'm2', { plan: null }, 2_000))).toMatchObject([{ traits: {} }]);
  });

  it('is not published again by a call that says nothing new', async () => {
    await feed(call('acme', 'm1', { plan: 'free' }));
    expect(await feed(call('acme', 'm1', { plan: 'free' }))).toEqual([]);
  });

  it('is apart from the accounts of the same id in other workspaces', async () => {
    const other = call('acme', 'm1', { plan: 'free' });
    const elsewhere = {
      ...other,
      key: 'v/group_id:acme',
      value: other.value.replace('"w"', '"v"'),
    };
    await feed(call('acme', 'm2', { plan: 'pro' }), elsewhere);
    expect(read('acme')).toMatchObject({ traits: { plan: 'pro' } });
  });

  it('counts and lists the people who belong to it, page by page', async () => {
    await feed(call('acme', 'm1', {}));
    for (let n = 0; n < 5; n += 1) await feed(person('acme', n, n, { since: 1_000 + n }));
    await feed(person('acme', 2, 10, {}));
    const ids = [0, 1, 3, 4].map(profileOf).sort();
    expect(read('acme')).toMatchObject({ peopleCount: 4 });
    const first = read('acme', { after: '', limit: 3 }) as readonly { readonly profileId: string }[];
    expect(first.map(({ profileId }) => profileId)).toEqual(ids.slice(0, 3));
    const rest = read('acme', { after: ids[2] ?? '', limit: 3 });
    expect(rest).toMatchObject([{ profileId: ids[3] }]);
  });

  it('passes over what a former owner of a profile says late', async () => {
    await feed(call('acme', 'm1', {}), person('acme', 1, 5, { since: 1 }), person('acme', 1, 8, {}));
    await feed(person('acme', 1, 5, { since: 1 }));
    expect(read('acme')).toMatchObject({ peopleCount: 0 });
  });

  it('comes again for who came back, and forgets in a week who left', async () => {
    await feed(call('acme', 'm1', {}), person('acme', 1, 5, {}), person('acme', 2, 5, {}));
    await feed(person('acme', 1, 6, { since: 1 }));
    await driver.advance(8 * DAY);
    expect([...driver.state.all()].filter(({ key }) => key.startsWith('@gone/'))).toEqual([]);
    expect(read('acme')).toMatchObject({ peopleCount: 1 });
  });

  it('is not there before a call named it', async () => {
    expect(await feed(person('acme', 1, 5, { since: 1 }))).toEqual([]);
    expect(read('acme')).toBeNull();
  });
});

describe('a computed trait of accounts', () => {
  it('is over the events of all who belong to the account', async () => {
    const spent = await define('spent', SPENT);
    await feed(told(0, spent), call('acme', 'm1', {}));
    await feed(person('acme', 1, 5, { since: 1, aggregates: paid(spent, [[1, 2.5]]) }));
    const more = {
      since: 1,
      aggregates: paid(spent, [
        [1, 4],
        [2, 1],
      ]),
    };
    expect(await feed(person('acme', 2, 5, more))).toMatchObject([{ computed: { spent: 7.5 } }]);
    expect(await feed(person('acme', 1, 6, {}))).toMatchObject([{ computed: { spent: 5 } }]);
  });

  it('waits until every partition of profiles has told all', async () => {
    const spent = await define('spent', SPENT);
    await feed(call('acme', 'm1', {}), person('acme', 1, 5, { since: 1, aggregates: paid(spent, [[1, 2]]) }));
    expect(read('acme')).toMatchObject({ computed: {} });
    await feed(told(0, spent));
    expect(accountsIn(await driver.advance(100))).toMatchObject([{ computed: { spent: 2 } }]);
  });

  it('keeps the value of the former query until the aggregates of the new one are there', async () => {
    const spent = await define('spent', SPENT);
    await feed(told(0, spent), call('acme', 'm1', {}));
    await feed(person('acme', 1, 5, { since: 1, aggregates: paid(spent, [[1, 2]]) }));
    await define('spent', "event('Bought').count()");
    expect(read('acme')).toMatchObject({ computed: { spent: 2 } });
  });

  it('loses what leaves its window, with no event', async () => {
    const week = await define('week', "event('Paid').within(7 days).sum(property('price'))");
    const now = driver.clock.now();
    await feed(told(0, week), call('acme', 'm1', {}));
    const some = {
      since: 1,
      aggregates: paid(week, [
        [now - DAY, 3],
        [now, 4],
      ]),
    };
    expect(await feed(person('acme', 1, 5, some))).toMatchObject([{ computed: { week: 7 } }]);
    await driver.restart();
    expect(accountsIn(await driver.advance(6.5 * DAY)).at(-1)).toMatchObject({ computed: { week: 4 } });
    expect(accountsIn(await driver.advance(DAY)).at(-1)).toMatchObject({ computed: { week: 0 } });
  });

  it('is never missing where it was: not after a disk is lost', async () => {
    const spent = await define('spent', SPENT);
    await feed(told(0, spent), call('acme', 'm1', {}));
    await feed(person('acme', 1, 5, { since: 1, aggregates: paid(spent, [[1, 2]]) }));
    await driver.restart();
    const before = driver.outputs(TOPICS.accounts).length;
    await driver.crash({ disk: 'lost' });
    await driver.poll();
    await driver.advance(1_000);
    const after = accountsIn(driver.outputs(TOPICS.accounts).slice(before));
    expect(new Set(after.map(({ computed }) => JSON.stringify(computed)))).toEqual(new Set(['{"spent":2}']));
    expect(read('acme')).toMatchObject({ peopleCount: 1, computed: { spent: 2 } });
  });
});

describe('a large account', () => {
  const PEOPLE = 600;

  it('is folded in parts, step by step, while others are published', async () => {
    const spent = await define('spent', SPENT);
    await feed(told(0, spent), call('acme', 'm1', {}), call('tiny', 'm2', {}));
    const facts = Array.from({ length: PEOPLE }, (_, n) =>
      person('acme', n, 1, { since: 1, aggregates: paid(spent, [[1, 1]]) }),
    );
    const first = await feed(...facts, person('tiny', 1, 1, { since: 1, aggregates: paid(spent, [[1, 3]]) }));
    expect(first).toMatchObject([{ groupId: 'tiny', computed: { spent: 3 } }]);
    expect(accountsIn(await driver.advance(100)).at(-1)).toMatchObject({
      groupId: 'acme',
      peopleCount: PEOPLE,
      computed: { spent: PEOPLE },
    });
    const changed = person('acme', 7, 2, { since: 1, aggregates: paid(spent, [[1, 11]]) });
    expect(await feed(changed)).toMatchObject([{ computed: { spent: PEOPLE + 10 } }]);
  });

  it('comes to the same where its parts do not fit into memory, and after a crash', async () => {
    const spent = await define('spent', SPENT);
    await feed(told(0, spent), call('acme', 'm1', {}));
    for (let n = 0; n < PEOPLE; n += 1)
      await feed(person('acme', n, 1, { since: 1, aggregates: paid(spent, [[1, 1]]) }));
    await driver.crash();
    await driver.poll();
    await driver.advance(1_000);
    expect(read('acme')).toMatchObject({ peopleCount: PEOPLE, computed: { spent: PEOPLE } });
  });
});
