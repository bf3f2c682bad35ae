import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClickHouse, createDatabase } from '@tributary/clickhouse';
import { clickhouseUrl, uniqueName } from '@tributary/testing';
import { TABLES } from '../../test/tables.fixture.js';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import { ClickHouseRejectedEvents } from './clickhouse.rejected-events.js';
import { idOf, type Selection, type StoredRejection } from './rejected-events.js';
import type { RejectedFilter } from './rejected.dto.js';

const clickhouse = { url: clickhouseUrl(), database: uniqueName('rejected').replaceAll('-', '_') };

const at = (second: number) => `2026-01-02T03:04:0${second}.678Z`;
const reason = (code: string, field: string) => ({ code, field, message: `${code}?` });
const row = (kafka_offset: number, reasons: readonly object[], more: object = {}) => ({
  workspace_id: 'w',
  source_id: 'web',
  received_at: at(kafka_offset),
  route: '/v1/batch',
  reasons,
  raw: Buffer.from('{"a":1}').toString('base64'),
  kafka_partition: 2,
  kafka_offset,
  ...more,
});
const long = Buffer.alloc(9_000, 'x').toString('base64');
const ROWS = [
  row(0, [reason('invalid_timestamp', 'timestamp'), reason('invalid_field', 'userId')], {
    raw_is: 'call',
    call_index: 4,
    request: '{"sentAt":"2026-01-02T03:04:00.000Z"}',
  }),
  row(1, [reason('invalid_field', 'timestamp')], { source_id: 'shop', raw: long }),
  row(1, [reason('invalid_field', 'timestamp')], { source_id: 'shop', raw: long }),
  row(2, [reason('invalid_timestamp', 'timestamp')]),
  row(3, [reason('invalid_timestamp', 'timestamp')], { workspace_id: 'other' }),
];

describe('the rejected events in ClickHouse', () => {
  const client: ClickHouseClient = createClickHouse(clickhouse);
  const events = new ClickHouseRejectedEvents(new ClickHouseReader(client, () => 'w'));

  beforeAll(async () => {
    await createDatabase(clickhouse);
    for (const query of TABLES) await client.command({ query });
    // Each in a part of its own, so that copies stay until they are merged.
    for (const values of ROWS)
      await client.insert({ table: 'rejected_events', values: [values], format: 'JSONEachRow' });
    const replay = { workspace_id: 'w', rejected_partition: 2, rejected_offset: 2, replayed_at: at(9) };
    await client.insert({ table: 'rejected_replays', values: [replay], format: 'JSONEachRow' });
  });

  afterAll(async () => {
    await client.command({ query: `DROP DATABASE IF EXISTS \`${clickhouse.database}\`` });
    await client.close();
  });

  const select = (filter: Partial<RejectedFilter>, more: Partial<Selection> = {}): Selection => ({
    filter: { state: 'all', ...filter },
    order: 'newest-first',
    limit: 10,
    ...more,
  });
  const found = async (filter: Partial<RejectedFilter>, more: Partial<Selection> = {}) =>
    (await events.list(select(filter, more))).map(idOf);

  it('are listed once each, in either order, from a place on', async () => {
    expect(await found({})).toEqual(['2-2', '2-1', '2-0']);
    expect(await found({}, { order: 'oldest-first', limit: 2 })).toEqual(['2-0', '2-1']);
    const after = { receivedAt: at(1), partition: 2, offset: 1 };
    expect(await found({}, { after })).toEqual(['2-0']);
    expect(await found({}, { after, order: 'oldest-first' })).toEqual(['2-2']);
  });

  it.each<[Partial<RejectedFilter>, readonly string[]]>([
    [{ source: 'shop' }, ['2-1']],
    [{ code: 'invalid_field' }, ['2-1', '2-0']],
    [{ code: 'invalid_field', field: 'timestamp' }, ['2-1']],
    [{ route: '/v1/batch', from: at(1), to: at(2) }, ['2-1']],
    [{ state: 'open' }, ['2-1', '2-0']],
    [{ state: 'replayed' }, ['2-2']],
    [{ source: "'; DROP TABLE rejected_events" }, []],
  ])('are found by %j', async (filter, expected) => {
    expect(await found(filter)).toEqual(expected);
  });

  it('are shown as they came, with what is known of their replay', async () => {
    expect(await events.byId('2-0')).toEqual({
      receivedAt: at(0),
      partition: 2,
      offset: 0,
      rawBytes: 7,
      message: {
        workspaceId: 'w',
        sourceId: 'web',
        receivedAt: at(0),
        route: '/v1/batch',
        reasons: [reason('invalid_timestamp', 'timestamp'), reason('invalid_field', 'userId')],
        raw: Buffer.from('{"a":1}').toString('base64'),
        rawIs: 'call',
        index: 4,
        request: { sentAt: '2026-01-02T03:04:00.000Z' },
      },
    });
    expect(await events.byId('2-2')).toMatchObject({ replayedAt: at(9) });
    expect(await events.byId('2-3')).toBeUndefined();
  });

  it('carry the beginning of their bytes in a list, and all of them to be replayed', async () => {
    const [shown] = await events.list(select({ source: 'shop' }));
    expect([shown?.message.raw.length, shown?.rawBytes]).toEqual([4_000, 9_000]);
    const whole = (limit: number, most: number) =>
      events.whole(select({}, { order: 'oldest-first', limit }), most);
    const lengths = ({ taken }: { readonly taken: readonly StoredRejection[] }) =>
      taken.map(({ message }) => message.raw.length);
    expect(lengths(await whole(10, 100_000))).toEqual([12, 12_000, 12]);
    expect(lengths(await whole(10, 5_000))).toEqual([12]);
    expect([(await whole(10, 5_000)).more, (await whole(3, 100_000)).more]).toEqual([true, false]);
    expect((await whole(2, 100_000)).more).toBe(true);
  });

  it('are counted by what is asked, once each', async () => {
    const groups = await events.groups({ state: 'all' }, ['code', 'field'], [], 10);
    expect(groups.map(({ code, field, count }) => [code, field, count])).toEqual([
      ['invalid_field', 'timestamp', 1],
      ['invalid_field', 'userId', 1],
      ['invalid_timestamp', 'timestamp', 2],
    ]);
    expect(groups[2]).toMatchObject({ source: '', firstAt: at(0), lastAt: at(2), last: { id: '2-2' } });
    const after = ['', '', 'invalid_field', 'userId'];
    expect(await events.groups({ state: 'all' }, ['code', 'field'], after, 10)).toHaveLength(1);
    const ofSource = await events.groups({ state: 'all', code: 'invalid_field' }, ['source'], [], 10);
    expect(ofSource.map(({ source, count }) => [source, count])).toEqual([
      ['shop', 1],
      ['web', 1],
    ]);
  });
});
