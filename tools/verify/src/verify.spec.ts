import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createClickHouse } from '@tributary/clickhouse';
import { isToldKey, RULES_ID, splitId, TOPICS } from '@tributary/contracts';
import type { AssignmentMessage, AudienceChangeMessage } from '@tributary/contracts';
import type { MembershipMessage, ProfileMessage } from '@tributary/contracts';
import { startOwnPlatform, type Call, type OwnPlatform } from '@tributary/harness';
import { DEFAULT_RULES } from '@tributary/identity';
import type { LogRecord } from '@tributary/kafka';
import { toInstant } from '@tributary/kernel';
import { InMemoryLog } from '../test/in-memory.log.js';
import {
  control,
  isThird,
  last,
  lastChange,
  parsed,
  takeOver,
  withBorders,
} from '../test/planted.fixture.js';
import { differencesOf, exits, identityOf, scored } from '../test/scenario.fixture.js';
import { KafkaLog } from './log/kafka.log.js';
import { verify, verifyInstallation, type VerifyOptions } from './verify.js';

jest.setTimeout(180_000);

const SPENDERS = "event('Order Completed').where(property('total') >= 100).within(5 seconds).count() >= 1";
const QUIET = "event('Order Completed').within(1 days).count() == 0";

const stack = new AsyncDisposableStack();
let platform: OwnPlatform;
/** The topics of a scenario that is over: visits, a merge, an entry, an exit by time. */
let scenario: InMemoryLog;
/** When the first one had left, before the others came. */
let firstIsQuietAt: number;

const options = (): VerifyOptions => ({
  brokers: platform.brokers,
  clickhouseUrl: platform.clickhouseUrl,
  api: { url: platform.client.address.apiUrl, token: platform.client.address.apiToken },
});

beforeAll(async () => {
  // Every change of a profile is a version: some bugs are planted in the one before the last.
  const env = {
    PROFILE_BUILDER_SEEN_MS: '500',
    PROFILE_BUILDER_GATHER_MS: '0',
    PROFILE_BUILDER_PUBLISH_MS: '0',
  };
  platform = await startOwnPlatform(stack, { env });
  const { client } = platform;
  await client.putAudience('spenders', SPENDERS);
  await client.putAudience('quiet', QUIET);
  await client.putTrait('spent', "event('Order Completed').sum(property('total'))");
  await client.putTrait('lately', "event('Order Completed').within(5 seconds).count()");
  const order = (n: number, total: number): Call => ({
    type: 'track',
    event: 'Order Completed',
    userId: `u${n}`,
    messageId: `order-${n}-${total}`,
    properties: { total },
  });
  const shops = async (n: number) => {
    await client.send(
      { type: 'page', name: 'Home', anonymousId: `laptop-${n}` },
      { type: 'page', name: 'Home', anonymousId: `phone-${n}` },
    );
    await client.send({
      type: 'identify',
      userId: `u${n}`,
      anonymousId: `laptop-${n}`,
      traits: { plan: 'free', age: n },
    });
    await client.send({ type: 'track', event: 'Logged In', userId: `u${n}`, anonymousId: `phone-${n}` });
    await client.send(order(n, 120), order(n, 20));
  };
  const log = new KafkaLog(platform.connection);
  await shops(1);
  await exits(log, 1);
  firstIsQuietAt = Date.now();
  for (const n of [2, 3, 4, 5]) await shops(n);
  await client.send(order(1, 120));
  await scored(client);
  scenario = await exits(log, 5);
});

afterAll(() => stack.disposeAsync());

describe('verify', () => {
  it('finds no difference in a platform that did all it promised, in topics, tables and the api', async () => {
    const report = await verify(options());
    expect(report).toMatchObject({ differences: [], differenceCount: 0 });
    expect(report.compared).toMatchObject({
      events: 30,
      duplicates: 1,
      identifiers: 15,
      memberships: 10,
      'rows of events': 30,
      'profiles asked of the api': 5,
    });
  });

  it('compares a share of the profiles, and one subject alone', async () => {
    const { compared } = await verify({ ...options(), only: 'profiles', sample: 0.5 });
    expect(compared.profiles).toBeLessThan(5);
    expect(compared).not.toHaveProperty('identifiers');
  });

  it('evaluates audiences at an instant, but leaves out people with later events', async () => {
    const report = await verifyInstallation({ log: scenario }, { settleMs: 3_000, at: firstIsQuietAt });
    expect(report).toMatchObject({
      differences: [],
      compared: { memberships: 2, 'profiles that move, not compared': 4 },
    });
  });
});

describe('verify of a log whose beginning is gone', () => {
  /** Of each partition of events but the last record is gone. */
  async function retired(): Promise<InMemoryLog> {
    const log = await InMemoryLog.copyOf(scenario);
    const events = log.records(TOPICS.events.name);
    const isLast = ({ partition }: LogRecord, i: number) => events[i + 1]?.partition !== partition;
    for (const record of events.filter((each, i) => !isLast(each, i))) log.remove(record);
    return log;
  }

  it('takes from the table what the log no longer has', async () => {
    const clickhouse = createClickHouse({ url: platform.clickhouseUrl, database: 'tributary' });
    const report = await verifyInstallation({ log: await retired(), clickhouse }, { settleMs: 0 });
    await clickhouse.close();
    expect(report).toMatchObject({ differences: [], compared: { events: 30, identifiers: 15, profiles: 5 } });
  });

  it('says what is missing where it has no table', async () => {
    const verification = verifyInstallation({ log: await retired() }, { settleMs: 0 });
    await expect(verification).rejects.toThrow('are no longer in Kafka: give the address of ClickHouse');
  });
});

describe('verify of planted bugs', () => {
  it('finds none in the untouched copy', async () => {
    expect(await differencesOf(scenario)).toEqual([]);
  });

  it('catches a profile that was not published', async () => {
    const { record, value } = last<ProfileMessage>(scenario, TOPICS.profiles.name, isThird);
    const log = await InMemoryLog.copyOf(scenario);
    // One for each change of its computed traits.
    for (const each of log.records(TOPICS.profiles.name))
      if (each.key === record.key && (parsed(each) as ProfileMessage).version === value.version)
        log.remove(each);
    expect(await differencesOf(log)).toContainEqual(
      expect.objectContaining({ subject: 'profiles', where: 'profiles.v1', expected: { eventCount: 6 } }),
    );
  });

  it('catches an event that was counted twice', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const { record, value } = last<ProfileMessage>(log, TOPICS.profiles.name, isThird);
    log.replace(record, { ...value, eventCount: value.eventCount + 1 });
    expect(await differencesOf(log)).toEqual([
      { subject: 'profiles', where: 'profiles.v1', expected: { eventCount: 6 }, found: { eventCount: 7 } },
    ]);
  });

  it('catches a computed trait that is wrong, and one that a window took something from', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const { record, value } = last<ProfileMessage>(log, TOPICS.profiles.name, isThird);
    expect(value.computed).toEqual({ spent: 140, lately: 0, score: 1 });
    log.replace(record, { ...value, computed: { spent: 140.01, lately: 1, score: 2 } });
    const at = { at: value.at };
    expect(await differencesOf(log)).toMatchObject([
      { where: 'profiles.v1, computed', expected: { spent: 140 }, found: { spent: 140.01, ...at } },
      { where: 'profiles.v1, computed', expected: { lately: 0 }, found: { lately: 1, ...at } },
      { where: 'profiles.v1, computed', expected: { score: 1 }, found: { score: 2, ...at } },
    ]);
  });

  it('catches borders of a score that cannot be, and profiles that have scores by others', async () => {
    expect(await differencesOf(await withBorders(scenario, [140]))).toHaveLength(5);
    expect(await differencesOf(await withBorders(scenario, [140.01]))).toEqual([]);
    expect(await differencesOf(await withBorders(scenario, [260, 140]))).toContainEqual(
      expect.objectContaining({ where: TOPICS.scoreBorders.name, found: '2 borders of 2 groups' }),
    );
  });

  it('catches a window that is one millisecond too long', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const isExit = ({ audienceKey, cause }: { audienceKey: string; cause: string }) =>
      audienceKey === 'spenders' && cause === 'time';
    const membership = last<MembershipMessage>(log, TOPICS.memberships.name, isExit);
    const late = new Date(Date.parse(membership.value.since) + 1).toISOString();
    log.replace(membership.record, { ...membership.value, since: late });
    const { epoch = '', sequence = '' } = membership.record.headers;
    const id = `${membership.record.partition}-${epoch}-${sequence}`;
    const change = last<AudienceChangeMessage>(log, TOPICS.changes.name, (each) => each.id === id);
    log.replace(change.record, { ...change.value, at: late });
    expect(await differencesOf(log)).toEqual([
      expect.objectContaining({
        subject: 'audiences',
        where: 'audience.memberships.v1',
        found: `since ${late}`,
      }),
    ]);
  });

  it('catches an exit that a window owed', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const { record } = last<MembershipMessage>(log, TOPICS.memberships.name, ({ cause }) => cause === 'time');
    log.remove(record);
    expect(await differencesOf(log)).toContainEqual(
      expect.objectContaining({ subject: 'audiences', found: expect.stringMatching(/^in since/) as unknown }),
    );
  });

  it('catches a former owner’s write behind the owner’s, of a profile and of a membership', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const newest = last<ProfileMessage>(log, TOPICS.profiles.name, isThird);
    const older = log
      .records(TOPICS.profiles.name)
      .find(({ key, offset }) => key === newest.record.key && offset < newest.record.offset);
    if (!older) throw new Error('the profile has one version only');
    log.append(older);
    const member = last<MembershipMessage>(
      log,
      TOPICS.memberships.name,
      ({ audienceKey }) => audienceKey === 'quiet',
    );
    takeOver(log, member.record);
    log.append(member.record);
    const differences = await differencesOf(log);
    expect(differences).toContainEqual(
      expect.objectContaining({
        subject: 'profiles',
        found: expect.stringContaining('compaction') as unknown,
      }),
    );
    expect(differences).toContainEqual(
      expect.objectContaining({ subject: 'audiences', found: 'a former owner’s' }),
    );
  });

  it('catches an assignment that was taken from a former root', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const { record, value } = last<AssignmentMessage>(
      log,
      TOPICS.assignments.name,
      ({ formerly }) => formerly.length > 1,
    );
    const former = value.formerly.find((profileId) => profileId !== value.profileId);
    log.replace(record, { ...value, profileId: former });
    expect(await differencesOf(log)).toContainEqual(
      expect.objectContaining({
        subject: 'identity',
        where: 'identity.assignments.v1',
        expected: `${value.workspaceId}/${value.profileId}`,
        found: `${value.workspaceId}/${former}`,
      }),
    );
  });

  it('catches assignments that are right by the rules before, everybody’s second device', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const { anonymous_id: device, ...others } = DEFAULT_RULES.namespaces;
    if (!device) throw new Error('the built-in rules know no devices');
    const namespaces = { ...others, anonymous_id: { ...device, limit: 1 } };
    control(log, TOPICS.identityRules, RULES_ID, { namespaces, updatedAt: toInstant(Date.now()) });
    const { wrong, applied } = await identityOf(log);
    expect(wrong).toEqual(['1', '2', '3', '4', '5']);
    expect(applied).toEqual([
      expect.objectContaining({ rulesVersion: expect.any(Number) as unknown, splits: 0 }),
    ]);
  });

  it('catches a split that was ignored', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const [a, b, at] = ['user_id:u4', 'anonymous_id:laptop-4', toInstant(Date.now())];
    control(log, TOPICS.splits, splitId(a, b), { a, b, apart: true, createdAt: at, updatedAt: at });
    const { wrong, applied } = await identityOf(log);
    expect(wrong).toEqual(['4']);
    expect(applied).toEqual([expect.objectContaining({ splits: 1 })]);
  });

  it('catches a change that is told again, under its own id or another', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const { record, value } = lastChange(log);
    const { epoch = '', sequence } = record.headers;
    const again = (n: number) => ({ ...record.headers, sequence: String(Number(sequence) + n) });
    log.append({ ...record, headers: again(1) });
    expect(await differencesOf(log)).toEqual([
      expect.objectContaining({ where: 'audience.changes.v1', found: 'told 2 times' }),
      expect.objectContaining({ expected: 'changes of one membership that take turns' }),
    ]);
    const id = `${record.partition}-${epoch}-${Number(sequence) + 500}`;
    log.append({ ...record, headers: again(2), value: Buffer.from(JSON.stringify({ ...value, id })) });
    expect(await differencesOf(log)).toContainEqual(
      expect.objectContaining({ expected: 'no such change: no membership has this place' }),
    );
  });

  it('takes no offence at how far a former owner says late that it has told', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const told = log.records(TOPICS.memberships.name).find(({ key }) => isToldKey(key));
    if (!told) throw new Error('no owner has said how far it has told');
    takeOver(log, told);
    log.append(told);
    expect(await differencesOf(log)).toEqual([]);
  });

  it('takes no offence at a request that was sent again, nor at what a former owner told late', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const { record } = lastChange(log);
    log.append(record);
    takeOver(log, record);
    log.append({ ...record, headers: { ...record.headers, sequence: '1000000' } });
    expect(await differencesOf(log)).toEqual([]);
  });

  it('catches a change that nobody was told of, and one that nothing explains', async () => {
    const log = await InMemoryLog.copyOf(scenario);
    const { record, value } = lastChange(log);
    log.replace(record, { ...value, id: '0-999999-1' });
    const differences = await differencesOf(log);
    expect(differences).toContainEqual(expect.objectContaining({ found: 'no such change' }));
    expect(differences).toContainEqual(
      expect.objectContaining({ expected: 'no such change: no membership has this place' }),
    );
  });
});
