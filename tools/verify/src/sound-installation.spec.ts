import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TOPICS, type AudienceChangeMessage, type MembershipMessage } from '@tributary/contracts';
import { readMessages, startOwnPlatform, type Call, type OwnPlatform } from '@tributary/harness';
import { TRAITS } from '@tributary/harness/people';
import { toInstant } from '@tributary/kernel';
import { eventually } from '@tributary/testing';
import { InMemoryLog } from '../test/in-memory.log.js';
import { KafkaLog } from './log/kafka.log.js';
import { verify, verifyInstallation } from './verify.js';

jest.setTimeout(240_000);

const stack = new AsyncDisposableStack();
let platform: OwnPlatform;
let log: KafkaLog;

beforeAll(async () => {
  platform = await startOwnPlatform(stack, { env: { PROFILE_BUILDER_SEEN_MS: '500' } });
  log = new KafkaLog(platform.connection);
});

afterAll(() => stack.disposeAsync());

const send = (...batch: readonly Call[]) => platform.client.send(...batch);
const put = (key: string, query: string) => platform.client.putAudience(key, query);
const remove = (key: string) => platform.client.ask('DELETE', `/v1/audiences/${key}`);

/** The changes of an audience, once there are as many. */
async function changesOf(audience: string, count: number): Promise<readonly AudienceChangeMessage[]> {
  const changes = async () =>
    (await readMessages(platform.connection, TOPICS.changes, 'audience-change@1')).filter(
      ({ audienceKey }) => audienceKey === audience,
    );
  return eventually(changes, {
    until: ({ length }) => length >= count,
    withinMs: 60_000,
    what: `${count} changes of ${audience}`,
  });
}

/** As {@link changesOf}, of the person whose user_id is `payer`. */
async function changesOfPayer(audience: string, count: number): Promise<readonly AudienceChangeMessage[]> {
  const ofPayer = (changes: readonly AudienceChangeMessage[]) =>
    changes.filter(({ identifiers }) => identifiers.includes('user_id:payer'));
  const changes = await eventually(() => changesOf(audience, count), {
    until: (all) => ofPayer(all).length >= count,
    withinMs: 60_000,
    what: `${count} changes of the payer in ${audience}`,
  });
  return ofPayer(changes);
}

async function differences() {
  const report = await verify({
    brokers: platform.brokers,
    clickhouseUrl: platform.clickhouseUrl,
    api: { url: platform.client.address.apiUrl, token: platform.client.address.apiToken },
    settleMs: 20_000,
  });
  return report.differences;
}

const order = (userId: string): Call => ({ type: 'track', event: 'Order Completed', userId });

describe('verify of an installation that does all it promises', () => {
  it('finds nothing where identifiers are on events and in no profile', async () => {
    await put('not-pro', "NOT (trait('plan') = 'pro')");
    await put('no-orders', "event('Order Completed').count() = 0");
    for (let i = 0; i < 6; i += 1) {
      await send({ type: 'identify', userId: 'mails', traits: { email: `m${i}@example.com` } });
    }
    const devices = Array.from({ length: 130 }, (_, i) => `device-${i}`);
    await send(
      ...devices.map((anonymousId): Call => ({ type: 'page', name: 'Home', userId: 'devices', anonymousId })),
    );
    await send(
      ...devices.slice(0, 20).map((anonymousId): Call => ({ type: 'page', name: 'Home', anonymousId })),
    );
    await send(
      { type: 'identify', userId: 'empty', traits: {} },
      { type: 'group', userId: 'grouped', groupId: 'g1', traits: { plan: 'pro' } },
      { type: 'identify', userId: 'removed', traits: { plan: null } },
      { type: 'alias', userId: 'new-id', previousId: 'old-id' },
      { type: 'track', event: 'Seen', anonymousId: 'visitor' },
    );
    await send({ type: 'identify', userId: 'signed', anonymousId: 'visitor', traits: { plan: 'pro' } });
    expect(await differences()).toEqual([]);
  });

  it('finds nothing where a browser and a server send one order, which counts once', async () => {
    const deduplicateBy = { 'Order Paid': 'properties.order_id' };
    await platform.client.ask('PUT', '/v1/sources/default', { name: 'Default', deduplicateBy });
    const paid = (order_id: string, ids: object): Call => ({
      type: 'track',
      event: 'Order Paid',
      properties: { order_id },
      ...ids,
    });
    const isInForce = async () => {
      await send(paid('probe', { userId: 'probe' }));
      const records = (await InMemoryLog.copyOf(log)).records(TOPICS.events.name);
      return records.some(({ headers }) => headers.deduplicationId === '["Order Paid","probe"]');
    };
    await eventually(isInForce, { until: (is) => is, what: 'the source in force' });
    await put('paid-once', "event('Order Paid').count() = 1");
    await send({ type: 'identify', userId: 'payer', anonymousId: 'browser', traits: { plan: 'pro' } });
    await send(paid('1', { anonymousId: 'browser' }));
    const [entered] = await changesOfPayer('paid-once', 1);
    await send(paid('1', { userId: 'payer' }), paid('1', { userId: 'payer' }));
    await send(paid('2', { userId: 'payer' }));
    const [, exited] = await changesOfPayer('paid-once', 2);
    expect([entered?.causedBy, exited?.causedBy]).toEqual(['["Order Paid","1"]', '["Order Paid","2"]']);
    expect(await differences()).toEqual([]);
    const events = (await readMessages(platform.connection, TOPICS.events, 'event@1')).filter(
      ({ event, userId }) => event === 'Order Paid' && userId === 'payer',
    );
    expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(3);
  });

  it('finds nothing where traits are computed, also of who was merged and taken apart again', async () => {
    for (const [key, query] of Object.entries(TRAITS)) await platform.client.putTrait(key, query);
    const buys = (total: number, ids: object): Call => ({ ...order('x'), properties: { total }, ...ids });
    await send(buys(0.1, { userId: 'first' }), buys(0.2, { userId: 'first' }), buys(7, { userId: 'second' }));
    const both = { type: 'identify', userId: 'first', anonymousId: 'shared', traits: {} } as const;
    await send(both, buys(0.7, { anonymousId: 'shared' }), {
      type: 'page',
      name: 'Home',
      anonymousId: 'shared',
    });
    expect(await differences()).toEqual([]);
    await platform.client.ask('PUT', `/v1/identity/splits/user_id:first/anonymous_id:shared`, {});
    await send(buys(3, { anonymousId: 'shared' }));
    expect(await differences()).toEqual([]);
    await platform.client.putTrait('spent', "event('Order Completed').max(property('total'))");
    await platform.client.ask('DELETE', '/v1/traits/orders');
    expect(await differences()).toEqual([]);
  });

  it('finds nothing of values, ages, chance and what names others, once time has changed them', async () => {
    await platform.client.putTrait('paid', "event('Invoice Paid').sum(property('total'))");
    const queries = {
      lately: "event('Invoice Paid').within(4 seconds).sum(property('total')) >= 100",
      between: "event('Invoice Paid').between(1 second, 4 seconds).count() >= 1",
      several: "event('Invoice Paid').unique(property('sku')).count() >= 2",
      mostly: "event('Invoice Paid').within(1 day).mode(property('sku'), 1) = 'a'",
      firstly: "first_time('Invoice Paid').within(3 seconds)",
      quietly: "event('Invoice Paid').last_at().before_last(3 seconds)",
      longer: "event('Invoice Paid').time_since_last() > 3",
      asleep: "event('Invoice Paid').stage(1 second, 2 seconds, 5 seconds) = 'dormant'",
      renewing: "trait('renews_at').within_next(7 days)",
      half: 'random(50%)',
      either: "NOT (audience('lately')) AND trait('paid') > 150",
    };
    for (const [key, query] of Object.entries(queries))
      await put(`value-${key}`, query.replace("('lately')", "('value-lately')"));
    const paid = (userId: string, total: number, sku: string): Call => ({
      ...{ type: 'track', event: 'Invoice Paid', userId, properties: { total, sku } },
    });
    const renews = toInstant(Date.now() + 7 * 86_400_000 + 3_000);
    await send({ type: 'identify', userId: 'value-1', traits: { renews_at: renews } });
    await send(paid('value-1', 60, 'a'), paid('value-1', 60, 'b'), paid('value-2', 40, 'a'));
    await send(paid('value-1', 60, 'a'), paid('value-2', 160, 'a'));
    const asleep = await changesOf('value-asleep', 2);
    expect(asleep.map(({ change, cause }) => [change, cause])).toEqual([
      ['entered', 'time'],
      ['entered', 'time'],
    ]);
    expect((await changesOf('value-lately', 4)).filter(({ cause }) => cause === 'time')).toHaveLength(2);
    expect(await changesOf('value-renewing', 1)).toMatchObject([{ change: 'entered', cause: 'time' }]);
    expect(await changesOf('value-either', 2)).toHaveLength(2);
    expect(await differences()).toEqual([]);
    await put('value-lately', "event('Invoice Paid').count() >= 3");
    await changesOf('value-either', 3);
    expect(await differences()).toEqual([]);
  });

  it('finds nothing where things happened before the audience was defined, and more of them is asked then', async () => {
    const counts = [0, 1, 2, 3].flatMap((n) => Array.from({ length: n }, () => `before-${n}`));
    const read = (userId: string): Call => ({
      type: 'track',
      event: 'Read',
      userId,
      properties: { pages: 5 },
    });
    await send(...['before-0', 'before-1'].map((userId): Call => ({ type: 'page', name: 'Home', userId })));
    await send(...counts.map(read));
    await put('read', "event('Read').count() >= 1");
    await put('never-read', "event('Read').count() = 0");
    await put('read-much', "event('Read').within(30 days).sum(property('pages')) >= 10");
    await changesOf('read', 3);
    expect((await changesOf('read-much', 2)).map(({ cause }) => cause)).toEqual(['back-fill', 'back-fill']);
    expect(await differences()).toEqual([]);
    await put('read', "event('Read').count() >= 3");
    await changesOf('read', 5);
    await send(read('before-2'));
    await changesOf('read', 6);
    expect(await differences()).toEqual([]);
  });

  it('finds nothing once a window was made shorter after someone left', async () => {
    const query = (seconds: number) => `event('Order Completed').within(${seconds} seconds).count() >= 1`;
    await put('window', query(4));
    await send(order('leaver'));
    await changesOf('window', 2);
    await put('window', query(2));
    expect(await differences()).toEqual([]);
  });

  it('finds nothing as of an instant after which somebody entered because time passed', async () => {
    await put('asleep', "event('Woke').count() >= 1 and not (event('Woke').within(8 seconds).count() >= 1)");
    await send({ type: 'track', event: 'Woke', userId: 'sleeper' });
    const [entered] = await changesOf('asleep', 1);
    const { brokers, clickhouseUrl } = platform;
    const body = "SELECT count() FROM tributary.current_memberships WHERE audience_key = 'asleep'";
    const rows = async () => (await fetch(clickhouseUrl, { method: 'POST', body })).text();
    await eventually(rows, { until: (count) => count.trim() === '1', what: 'the row of the sleeper' });
    const at = Date.parse(entered?.at ?? '') - 1_000;
    const report = await verify({ brokers, clickhouseUrl, only: 'audiences', settleMs: 5_000, at });
    expect(report.differences).toEqual([]);
  });

  it('finds nothing once an audience was removed and made again, whose changes go forward in time', async () => {
    const query = "event('Signed Up').count() >= 1";
    await put('again', query);
    await send({ type: 'track', event: 'Signed Up', userId: 'twice' });
    await changesOf('again', 1);
    await remove('again');
    await changesOf('again', 2);
    await put('again', query);
    const changes = await changesOf('again', 3);
    expect(changes.map(({ change, cause }) => [change, cause])).toEqual([
      ['entered', 'event'],
      ['exited', 'definition'],
      ['entered', 'back-fill'],
    ]);
    const times = changes.map(({ at }) => at);
    expect(times).toEqual([...times].sort());
    await remove('again');
    await changesOf('again', 4);
    expect(await differences()).toEqual([]);
  });

  it('catches a member of an audience that is gone, and a change before the one before it', async () => {
    const copy = await InMemoryLog.copyOf(log);
    const exit = copy.records(TOPICS.memberships.name).findLast(({ key }) => key.startsWith('default/again'));
    if (!exit?.value) throw new Error('nobody left');
    const found = async (changed: InMemoryLog) => {
      const { differences: all } = await verifyInstallation(
        { log: changed },
        { settleMs: 0, only: 'audiences' },
      );
      return all.map(({ expected }) => expected);
    };
    const membership = JSON.parse(exit.value.toString('utf8')) as MembershipMessage;
    const [first] = await changesOf('again', 1);
    const backward = toInstant(Date.parse(first?.at ?? '') - 1);
    copy.replace(exit, { ...membership, since: backward });
    expect(await found(copy)).toContain('changes of one membership that go forward in time');

    const without = await InMemoryLog.copyOf(log);
    const same = without
      .records(TOPICS.memberships.name)
      .find(({ partition, offset }) => partition === exit.partition && offset === exit.offset);
    if (!same) throw new Error('the exit is not in the other copy');
    without.remove(same);
    expect(await found(without)).toContain('out: the audience is not in force');
  });
});
