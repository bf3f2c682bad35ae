import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { eventually } from '@tributary/testing';
import { readFileSync } from 'node:fs';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(120_000);

const page = readFileSync(new URL('../../../docs/tables.md', import.meta.url), 'utf8');
const questions = new Map(
  [...page.matchAll(/^### (.+\?)\n\n```sql\n([^`]+)```/gm)].map(([, question = '', sql = '']) => [
    question,
    sql,
  ]),
);
const tables = [...page.matchAll(/^### ([a-z_]+)\n\n[^#]*?\n\| column[^\n]*\n\|[^\n]*\n((?:\|.*\n)+)/gm)].map(
  ([, table = '', rows = '']) => ({
    table,
    columns: rows
      .split('\n')
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, c]) => c)),
  }),
);

const underTest = new PlatformUnderTest();
let clickhouse: ClickHouseClient;

const rowsOf = async (query: string) =>
  (await clickhouse.query({ query, format: 'JSONEachRow' })).json<Readonly<Record<string, unknown>>>();

/** As text: not every number of JSON is one of JavaScript. */
const order = (userId: string, total: string, more = '') =>
  `{"type":"track","event":"Order Completed","userId":"${userId}","properties":{"total":${total}${more}}}`;

const TOTALS = ['"n/a"', '[1]', 'true', 'null', '{"a":1}', '"12.5"', '7.5'];

beforeAll(async () => {
  clickhouse = createClient({
    url: underTest.platform.clickhouseUrl,
    database: 'tributary',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
  await underTest.client.putAudience(
    'vips',
    "event('Order Completed').where(property('total') > 100).count() >= 1",
  );
  const calls = [
    '{"type":"page","name":"Home","anonymousId":"a1"}',
    '{"type":"identify","userId":"u1","anonymousId":"a1","traits":{"plan":"pro"}}',
    '{"type":"identify","userId":"u2","traits":{"plan":"free"}}',
    '{"type":"identify","userId":"u3","traits":{"plan":["odd"]}}',
    order('u1', '120', ',"products":[{"sku":"sku-1"},{"sku":"sku-2"}]'),
    ...TOTALS.map((total) => order('u2', total)),
    '{"type":"track","event":"Names","userId":"u2","properties":{"v":1,"v":2,"a.b":1,"a":{"b":2},"tags":["red","blue"]}}',
    '{"type":"no such type","userId":"u2"}',
  ];
  const answer = await underTest.client.post('/v1/batch', `{"batch":[${calls.join(',')}]}`);
  expect(answer.status).toBe(200);
  await eventually(() => rowsOf('SELECT count() AS n FROM current_memberships'), {
    until: ([row]) => Number(row?.n) === 1,
    withinMs: 60_000,
    what: 'a member in the table',
  });
  const counts = `SELECT (SELECT count() FROM events) AS events, (SELECT count() FROM current_profiles) AS people,
    (SELECT count() FROM rejected_events) AS rejected, (SELECT count() FROM audience_changes) AS changes`;
  await eventually(() => rowsOf(counts), {
    until: ([row]) =>
      Number(row?.events) === 13 &&
      Number(row?.people) === 3 &&
      Number(row?.rejected) === 1 &&
      Number(row?.changes) > 0,
    withinMs: 60_000,
    what: 'all rows',
  });
});

afterAll(async () => {
  await clickhouse.close();
});

describe('docs/tables.md', () => {
  it('lists every column of each public table, as ClickHouse’s comments do', async () => {
    expect(tables.map(({ table }) => table)).toContain('events');
    for (const { table, columns } of tables) {
      const rows = await rowsOf(
        `SELECT name, comment FROM system.columns WHERE database = 'tributary' AND table = '${table}' ORDER BY position`,
      );
      expect([table, columns]).toEqual([table, rows.map(({ name }) => name)]);
      expect([table, rows.filter(({ comment }) => comment === '')]).toEqual([table, []]);
    }
  });

  const answers: Readonly<Record<string, unknown>> = {
    'How many events of each name were there?': [
      { event: 'Names', events: 1 },
      { event: 'Order Completed', events: 8 },
    ],
    'How many people are there?': [{ people: 3 }],
    'How much was sold?': [{ revenue: 140 }],
    'How many orders were above 100?': [{ orders: 1 }],
    'How many people are on each plan?': [
      { plan: "['odd']", people: 1 },
      { plan: 'free', people: 1 },
      { plan: 'pro', people: 1 },
    ],
    'Who bought a product?': [{ profile_id: expect.any(String) as unknown }],
    'Who are the five who spent most?': [
      { identifiers: expect.arrayContaining(['user_id:u1', 'anonymous_id:a1']) as unknown, spent: 120 },
      { identifiers: ['user_id:u2'], spent: 20 },
    ],
    'Who is in an audience now?': [
      { profile_id: expect.any(String) as unknown, since: expect.any(String) as unknown },
    ],
    'Who entered and left, and why?': [expect.objectContaining({ change: 'entered' })],
    'What was rejected, and why?': [{ source_id: 'default', code: expect.any(String) as unknown, calls: 1 }],
  };

  it('asks ten questions', () => {
    expect([...questions.keys()]).toEqual(Object.keys(answers));
  });

  it.each(Object.keys(answers))('answers: %s', async (question) => {
    expect(await rowsOf(questions.get(question) ?? '')).toEqual(answers[question]);
  });
});

describe('SQL that people write', () => {
  const orders = "FROM events WHERE event = 'Order Completed'";

  it('compares and groups by a value whatever others sent', async () => {
    expect(await rowsOf(`SELECT count() AS n ${orders} AND properties.total > 5`)).toEqual([{ n: 2 }]);
    expect(
      await rowsOf(`SELECT properties.total AS total, count() AS n ${orders} GROUP BY total`),
    ).toHaveLength(7);
    expect(await rowsOf(`SELECT count() AS n ${orders} AND number_of(properties.total) > 5`)).toEqual([
      { n: 3 },
    ]);
    expect(await rowsOf(`SELECT count() AS n ${orders} AND text_of(properties.total) = 'n/a'`)).toEqual([
      { n: 1 },
    ]);
    expect(await rowsOf(`SELECT count() AS n ${orders} AND boolean_of(properties.total)`)).toEqual([
      { n: 1 },
    ]);
  });

  it('reads repeated and dotted names as audiences do, and lists by their elements', async () => {
    const query = `SELECT number_of(properties.v) AS v, number_of(properties.a.b) AS ab,
      has(list_of(properties.tags), 'red') AS red FROM events WHERE event = 'Names'`;
    expect(await rowsOf(query)).toEqual([{ v: 2, ab: 2, red: 1 }]);
  });

  it('reads instants as audiences do', async () => {
    const query = `SELECT instant_of('2026-05-31T23:30:00-08:00') < instant_of('2026-06-01') AS earlier,
      instant_of('2026-06-01') = instant_of('2026-06-01T02:00:00.000+02:00') AS same,
      instant_of('2026-06-01 sale') IS NULL AS none`;
    expect(await rowsOf(query)).toEqual([{ earlier: 0, same: 1, none: 1 }]);
  });
});
