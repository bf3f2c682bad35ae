import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { at, event, tablesOfSpec } from '../../test/tables.fixture.js';

const tables = tablesOfSpec();
const rows = (query: string) => tables.rows(query);
beforeAll(() => tables.start());
afterAll(() => tables.close());

describe("the profile-builder's tables", () => {
  it('keep the first of duplicates by offset, in whatever order they are written', async () => {
    const copy = (event_: string) => event('copied', 'user_id:copy', { event: event_ });
    await tables.feed(TOPICS.events, [copy('second'), copy('third')], { from: 20 });
    await tables.feed(TOPICS.events, [copy('first')], { from: 10 });
    await tables.feed(TOPICS.events, [copy('fourth')], { from: 30 });
    expect(await rows("SELECT event, kafka_offset FROM events WHERE identifier = 'user_id:copy'")).toEqual([
      { event: 'first', kafka_offset: 10 },
    ]);
  });

  it('keep the first of those with one deduplication id by offset, each with its own messageId', async () => {
    const order = (messageId: string, deduplicationId?: string) =>
      event(messageId, 'user_id:twice', deduplicationId === undefined ? {} : { deduplicationId });
    await tables.feed(TOPICS.events, [order('server', 'o-1'), order('other', 'o-2')], { from: 90 });
    await tables.feed(TOPICS.events, [order('browser', 'o-1'), order('plain')], { from: 80 });
    expect(
      await rows(
        `SELECT message_id, deduplication_id FROM events WHERE identifier = 'user_id:twice' ORDER BY kafka_offset`,
      ),
    ).toEqual([
      { message_id: 'browser', deduplication_id: 'o-1' },
      { message_id: 'plain', deduplication_id: 'plain' },
      { message_id: 'other', deduplication_id: 'o-2' },
    ]);
  });

  it('have each account as it is now, with its traits by name', async () => {
    const account = (version: number, plan: string) => ({
      ...{ workspaceId: 'w', groupId: 'acme', version, at, traits: { plan }, traitSources: {} },
      ...{ computed: { revenue: version }, peopleCount: version, firstSeenAt: at, lastSeenAt: at },
    });
    await tables.feed(TOPICS.accounts, [account(2, 'pro'), account(1, 'free')]);
    expect(
      await rows(
        `SELECT group_id, traits.plan::String AS plan, computed.revenue::Int32 AS revenue, people_count, first_seen_at
         FROM current_accounts`,
      ),
    ).toEqual([
      { group_id: 'acme', plan: 'pro', revenue: 2, people_count: 2, first_seen_at: expect.any(String) },
    ]);
  });

  it('keep each profile as it was at the end of each day, with what was computed of it', async () => {
    const profile = (version: number, day: string, orders: number) => ({
      ...{
        workspaceId: 'w',
        profileId: 'daily',
        version,
        at: `2026-01-${day}.000Z`,
        traits: { plan: 'pro' },
      },
      ...{ traitSources: {}, identifiers: [], computed: { orders }, eventCount: version },
      ...{ firstSeenAt: at, lastSeenAt: at },
    });
    await tables.feed(TOPICS.profiles, [
      profile(1, '05T10:00:00', 1),
      profile(2, '05T23:59:59', 2),
      profile(2, '06T00:00:00', 1),
      profile(3, '08T00:00:00', 7),
    ]);
    const asOf = async (day: string) =>
      (
        await rows(
          `SELECT computed.orders::Int32 AS orders, traits.plan::String AS plan FROM profiles_as_of(day = '2026-01-${day}')
           WHERE profile_id = 'daily'`,
        )
      )[0];
    expect(await Promise.all(['04', '05', '06', '07', '09'].map(asOf))).toEqual([
      undefined,
      ...[2, 1, 1, 7].map((orders) => ({ orders, plan: 'pro' })),
    ]);
    expect(
      await rows(
        "SELECT computed.orders::Int32 AS orders, version FROM current_profiles WHERE profile_id = 'daily'",
      ),
    ).toEqual([{ orders: 7, version: 3 }]);
  });

  it('list where events differ from the plan of their source, once', async () => {
    const violations = [
      { code: 'plan_violation', field: 'properties.colour', message: 'is not in the plan', dropped: true },
      { code: 'plan_violation', field: 'properties.total', message: 'is required' },
    ];
    const differing = event('differs', 'user_id:differs', {
      context: { locale: 'de', tributary: { violations } },
    });
    const others = [event('m', 'user_id:other', { context: { tributary: 1, campaign: '"tributary"' } })];
    for (let i = 0; i < 2; i += 1)
      await tables.feed(TOPICS.events, [differing, ...others], { from: 700, partition: 2 });
    expect(
      await rows('SELECT * EXCEPT (workspace_id, source_id) FROM plan_violations FINAL ORDER BY field'),
    ).toEqual(
      violations.map(({ code, field, message, dropped = false }) => ({
        received_at: at,
        type: 'track',
        event: 'Ordered',
        message_id: 'differs',
        code,
        field,
        message,
        dropped,
        kafka_partition: 2,
        kafka_offset: 700,
      })),
    );
  });

  it('have every column of an event, customers’ objects as JSON and as the text they were', async () => {
    const properties = { plan: 'pro', revenue: 12.5, none: null, day: '2026-01-02', 'a.b': 1, a: { b: 2 } };
    await tables.feed(
      TOPICS.events,
      [
        event('whole', 'user_id:whole', {
          userId: 'whole',
          anonymousId: 'anon',
          sequence: 7,
          properties,
          traits: { name: 'cut \ud83d' },
          context: { ip: '203.0.113.7' },
          sentAt: '2026-01-02T03:04:05.001Z',
        }),
      ],
      { from: 5, partition: 3, schema: 'event@1' },
    );
    expect(await rows("SELECT * FROM events WHERE identifier = 'user_id:whole'")).toEqual([
      {
        workspace_id: 'w',
        identifier: 'user_id:whole',
        message_id: 'whole',
        deduplication_id: 'whole',
        type: 'track',
        event: 'Ordered',
        name: '',
        timestamp: at,
        sequence: 7,
        received_at: at,
        original_timestamp: null,
        sent_at: '2026-01-02T03:04:05.001Z',
        source_id: 'web',
        user_id: 'whole',
        anonymous_id: 'anon',
        previous_id: '',
        group_id: '',
        properties: expect.objectContaining({ plan: 'pro', revenue: 12.5, day: '2026-01-02' }),
        traits: { name: 'cut \ufffd' },
        context: { ip: '203.0.113.7' },
        identifiers: ['user_id:whole'],
        kafka_partition: 3,
        kafka_offset: 5,
      },
    ]);
    expect(await rows("SELECT properties FROM events_log FINAL WHERE identifier = 'user_id:whole'")).toEqual([
      { properties: JSON.stringify(properties) },
    ]);
    expect(
      await rows("SELECT properties.plan AS plan FROM events WHERE identifier = 'user_id:whole'"),
    ).toEqual([{ plan: 'pro' }]);
  });

  it('stay readable when one text is more than the JSON type takes', async () => {
    await tables.feed(TOPICS.events, [event('odd', 'user_id:odd')], { from: 40 });
    await tables.client.insert({
      table: 'events_log',
      columns: ['workspace_id', 'identifier', 'message_id', 'properties'],
      values: [{ workspace_id: 'w', identifier: 'user_id:odd', message_id: 'odder', properties: '{"a":' }],
      format: 'JSONEachRow',
    });
    expect(
      await rows("SELECT message_id, properties FROM events WHERE identifier = 'user_id:odd' ORDER BY 1"),
    ).toEqual([
      { message_id: 'odd', properties: {} },
      { message_id: 'odder', properties: {} },
    ]);
  });

  it('skip records of another schema in the log', async () => {
    await tables.feed(TOPICS.events, [{ workspaceId: 'w', aggregate: 'x', definition: {} }], {
      from: 50,
      schema: 'other@1',
    });
    expect(await rows('SELECT count() AS rows FROM events_log WHERE kafka_offset = 50')).toEqual([
      { rows: 0 },
    ]);
  });

  it('keep the highest version of each profile', async () => {
    const profile = (version: number) => ({
      workspaceId: 'w',
      profileId: 'p1',
      version,
      at,
      traits: { version },
      traitSources: {},
      identifiers: [],
      computed: {},
      firstSeenAt: at,
      lastSeenAt: at,
      eventCount: version,
    });
    await tables.feed(TOPICS.profiles, [profile(2), profile(3)]);
    await tables.feed(TOPICS.profiles, [profile(1)]);
    const merged = { workspaceId: 'w', profileId: 'p2', version: 4, at, mergedInto: 'p1' };
    await tables.feed(TOPICS.profiles, [merged], { from: 9, schema: 'merged-profile@1' });
    expect(
      await rows(
        "SELECT profile_id, version, merged_into, profile FROM latest_profiles WHERE profile_id IN ('p1', 'p2') ORDER BY profile_id",
      ),
    ).toEqual([
      { profile_id: 'p1', version: 3, merged_into: '', profile: JSON.stringify(profile(3)) },
      { profile_id: 'p2', version: 4, merged_into: 'p1', profile: JSON.stringify(merged) },
    ]);
  });
});
