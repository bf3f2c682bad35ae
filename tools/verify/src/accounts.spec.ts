import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TOPICS, type AccountMessage, type ProfileMessage } from '@tributary/contracts';
import { createClient } from '@clickhouse/client';
import { startOwnPlatform, type OwnPlatform } from '@tributary/harness';
import { eventually } from '@tributary/testing';
import { InMemoryLog } from '../test/in-memory.log.js';
import { last } from '../test/planted.fixture.js';
import { KafkaLog } from './log/kafka.log.js';
import { verify, verifyInstallation } from './verify.js';

jest.setTimeout(180_000);

const stack = new AsyncDisposableStack();
let platform: OwnPlatform;
/** The topics, once the accounts are as they should be. */
let scenario: InMemoryLog;

beforeAll(async () => {
  const env = {
    PROFILE_BUILDER_SEEN_MS: '500',
    PROFILE_BUILDER_GATHER_MS: '0',
    PROFILE_BUILDER_PUBLISH_MS: '0',
  };
  platform = await startOwnPlatform(stack, { env });
  const { client } = platform;
  const paid = (userId: string, total: number) =>
    ({
      type: 'track',
      event: 'Paid',
      userId,
      messageId: `${userId} ${total}`,
      properties: { total },
    }) as const;
  await client.send(paid('u1', 1), paid('u2', 2));
  await client.putTrait('revenue', "event('Paid').sum(property('total'))", 'accounts');
  await client.putTrait('lately', "event('Paid').within(5 seconds).count()", 'accounts');
  for (const [userId, groupId, seats] of [
    ['u1', 'acme', 10],
    ['u2', 'acme', 20],
    ['u3', 'other', 30],
    ['u2', 'other', null],
  ] as const)
    await client.send({ type: 'group', userId, groupId, traits: { seats, [`by-${userId}`]: true } });
  await client.send(paid('u3', 8), paid('u1', 4), { type: 'group', anonymousId: 'phone', groupId: 'acme' });
  await client.send({ type: 'identify', userId: 'u1', anonymousId: 'phone' });
  const account = (groupId: string) =>
    client.ask('GET', `/v1/accounts/${groupId}`) as Promise<AccountMessage>;
  await eventually(() => account('acme').catch(() => undefined), {
    until: (acme) => acme?.peopleCount === 2 && acme.computed.revenue === 7 && acme.computed.lately === 0,
    withinMs: 60_000,
    what: 'the account of two people',
  });
  await eventually(() => account('other').catch(() => undefined), {
    until: (other) => other?.peopleCount === 2 && other.computed.revenue === 10,
    withinMs: 60_000,
    what: 'the other account',
  });
});
afterAll(() => stack.disposeAsync());

async function differencesOf(log: InMemoryLog) {
  const { differences } = await verifyInstallation({ log }, { settleMs: 0, keep: 1_000 });
  return differences.map(({ key, where, expected, found }) => ({ key, where, expected, found }));
}

describe('verify of accounts', () => {
  it('finds no difference where all is well', async () => {
    const { clickhouseUrl, client, brokers } = platform;
    const api = { url: client.address.apiUrl, token: client.address.apiToken };
    const report = await verify({ brokers, clickhouseUrl, api });
    expect(report).toMatchObject({
      ...{ differences: [], differenceCount: 0 },
      compared: { accounts: 2, 'rows of accounts': 2, 'accounts asked of the api': 2 },
    });
    scenario = await InMemoryLog.copyOf(new KafkaLog(platform.connection));
    expect(await differencesOf(scenario)).toEqual([]);
  });

  it.each([
    ['a trait', { traits: { seats: 10 } }, { traits: expect.objectContaining({ seats: 20 }) }],
    ['a computed trait', { computed: { revenue: 6, lately: 0 } }, { 'computed revenue': 7 }],
    ['the number of people', { peopleCount: 3 }, { peopleCount: 2 }],
    ['when it was seen', { firstSeenAt: '2020-01-01T00:00:00.000Z' }, { firstSeenAt: expect.any(String) }],
  ])('catches %s that is wrong', async (_what, wrong, expected) => {
    const log = await InMemoryLog.copyOf(scenario);
    const isAcme = ({ groupId }: AccountMessage) => groupId === 'acme';
    const { record, value } = last<AccountMessage>(log, TOPICS.accounts.name, isAcme);
    log.replace(record, { ...value, ...wrong });
    expect(await differencesOf(log)).toEqual([expect.objectContaining({ where: 'accounts.v1', expected })]);
  });

  it('catches an account that was not published', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    for (const record of log.records(TOPICS.accounts.name))
      if (record.key.endsWith('acme')) log.remove(record);
    expect(await differencesOf(log)).toEqual([
      expect.objectContaining({
        key: 'default/group_id:acme',
        found: expect.objectContaining({ account: 'no record' }),
      }),
    ]);
  });

  it('catches a profile that does not say its accounts', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const { record, value } = last<ProfileMessage>(
      log,
      TOPICS.profiles.name,
      ({ groups }) => groups?.length === 2,
    );
    log.replace(record, { ...value, groups: value.groups?.slice(1) });
    expect(await differencesOf(log)).toMatchObject([
      { where: 'profiles.v1', expected: { groups: value.groups } },
    ]);
  });

  it('catches a row of the table, and an answer of the API, that say something else', async () => {
    const { clickhouseUrl, client, brokers } = platform;
    const clickhouse = stack.adopt(createClient({ url: clickhouseUrl, database: 'tributary' }), (one) =>
      one.close(),
    );
    await clickhouse.command({
      query: `INSERT INTO accounts SELECT * REPLACE (version + 1 AS version, replace(account, '20', '21') AS account)
        FROM accounts FINAL WHERE group_id = 'acme'`,
    });
    const refuse = { url: client.address.apiUrl, token: 'no token' };
    const { differences } = await verify({
      brokers,
      clickhouseUrl,
      api: refuse,
      settleMs: 2_000,
      keep: 1_000,
    });
    const wheres = differences.map(({ where }) => where);
    expect(wheres.filter((where) => where.includes('accounts'))).toEqual([
      'table accounts',
      'GET /v1/accounts/other',
      'GET /v1/accounts/acme',
    ]);
  });
});
