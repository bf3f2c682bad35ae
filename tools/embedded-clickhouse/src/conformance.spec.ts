import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startClickHouse, type EmbeddedClickHouse } from './start.js';

interface Target {
  readonly name: string;
  open(): Promise<string>;
  close(): Promise<void>;
}

// JSON has how long a query took.
const withoutTimes = (bytes: Buffer): string => bytes.toString('latin1').replace(/"elapsed": [^,]+/, '');

let dir: string;
let server: EmbeddedClickHouse | undefined;

const embedded: Target = {
  name: 'the embedded engine',
  open: async () => {
    dir = await mkdtemp(join(tmpdir(), 'clickhouse-'));
    server = await startClickHouse({ dataDir: dir, port: 0 });
    return server.url;
  },
  close: async () => {
    await server?.stop();
    await rm(dir, { recursive: true, force: true });
  },
};

// The same calls hold on a real server; it is asked where one is given.
const realUrl = process.env.CLICKHOUSE_URL ?? '';
const real: Target = {
  name: 'the server at CLICKHOUSE_URL',
  open: () => Promise.resolve(realUrl),
  close: () => Promise.resolve(),
};

describe.each(realUrl === '' ? [embedded] : [embedded, real])('$name', (target) => {
  const database = `conformance_${process.pid}`;
  let url: string;
  let client: ClickHouseClient;

  const send = (
    parameters: Readonly<Record<string, string>>,
    body?: string | Uint8Array<ArrayBuffer>,
    headers?: Record<string, string>,
  ) =>
    fetch(`${url}/?${new URLSearchParams(parameters).toString()}`, {
      method: 'POST',
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    });
  const text = async (query: string, parameters: Readonly<Record<string, string>> = {}) =>
    (await send({ database, ...parameters }, query)).text();

  beforeAll(async () => {
    url = await target.open();
    await send({}, `CREATE DATABASE ${database}`);
    await send({ database }, 'CREATE TABLE t (a UInt32, s String) ENGINE = MergeTree ORDER BY a');
    client = createClient({
      url,
      database,
      compression: { request: true, response: true },
      log: { level: ClickHouseLogLevel.OFF },
    });
  });

  afterAll(async () => {
    await client.close();
    await send({}, `DROP DATABASE ${database}`);
    await target.close();
  });

  it('answers a ping', async () => {
    expect(await (await fetch(`${url}/ping`)).text()).toBe('Ok.\n');
    expect(await client.ping()).toMatchObject({ success: true });
  });

  it('takes the statement from the URL or the body, and from both one after the other', async () => {
    expect(await (await fetch(`${url}/?query=SELECT%201`)).text()).toBe('1\n');
    expect(await text('SELECT 2')).toBe('2\n');
    expect(await (await send({ query: 'SELECT ' }, '3')).text()).toBe('3\n');
  });

  it('lets GET change nothing', async () => {
    const response = await fetch(`${url}/?query=${encodeURIComponent(`CREATE DATABASE ${database}_get`)}`);
    expect(response.headers.get('x-clickhouse-exception-code')).toBe('164');
    expect(response.ok).toBe(false);
  });

  it.each([
    ['JSONEachRow', '{"a":1,"s":"é\\n"}\n{"a":2,"s":"z"}\n'],
    ['JSONCompactEachRow', '[1,"é\\n"]\n[2,"z"]'],
    ['TabSeparated', '1\té\\n\n2\tz\n'],
    ['CSV', '1,"é\n"\n2,"z"\n'],
    ['Values', "(1,'é\\n'),(2,'z')"],
    ['RowBinary', Buffer.from([1, 0, 0, 0, 3, 0xc3, 0xa9, 0x0a, 2, 0, 0, 0, 1, 0x7a])],
  ])('takes %s as the body of an INSERT in the URL, and in one body with it', async (format, data) => {
    for (const whole of [false, true]) {
      await text('TRUNCATE TABLE t');
      const insert = `INSERT INTO t (a, s) FORMAT ${format}`;
      const bytes = new Uint8Array(Buffer.from(data));
      const response = whole
        ? await send({ database }, new Uint8Array(Buffer.concat([Buffer.from(`${insert}\n`), bytes])))
        : await send({ database, query: insert }, bytes);
      expect(await response.text()).toBe('');
      expect(response.status).toBe(200);
      expect(await text('SELECT a, s FROM t ORDER BY a FORMAT JSONEachRow')).toBe(
        '{"a":1,"s":"é\\n"}\n{"a":2,"s":"z"}\n',
      );
    }
  });

  it('takes back the binary formats that it gives', async () => {
    await text('TRUNCATE TABLE t');
    for (const format of ['Native', 'Parquet', 'RowBinaryWithNamesAndTypes']) {
      const given = await send({ database }, `SELECT toUInt32(7) AS a, 'x' AS s FORMAT ${format}`);
      const bytes = new Uint8Array(await given.arrayBuffer());
      expect((await send({ database, query: `INSERT INTO t FORMAT ${format}` }, bytes)).status).toBe(200);
    }
    expect(await text('SELECT count(), sum(a) FROM t')).toBe('3\t21\n');
  });

  it('takes an INSERT without a row, and an INSERT SELECT', async () => {
    await text('TRUNCATE TABLE t');
    expect((await send({ database, query: 'INSERT INTO t FORMAT JSONEachRow' }, '')).status).toBe(200);
    expect((await send({ database, query: "INSERT INTO t SELECT number, 'n' FROM numbers(5)" })).status).toBe(
      200,
    );
    expect(await text('SELECT count() FROM t')).toBe('5\n');
  });

  it('takes settings and parameters from the URL, for that statement only', async () => {
    expect(await text("SELECT getSetting('max_threads')", { max_threads: '1' })).toBe('1\n');
    expect(await text("SELECT getSetting('max_threads') = 1", { max_threads: '2' })).toBe('0\n');
    const awkward = "it's a \\\\ \\t 'tab'";
    expect(await text('SELECT {x:String} FORMAT JSONEachRow', { param_x: awkward })).toContain(
      "it's a \\\\ \\t 'tab'",
    );
    expect(await text('SELECT {x:String}')).toContain('UNKNOWN_QUERY_PARAMETER');
  });

  it('gives the format that is asked for, in the statement first', async () => {
    expect(await text('SELECT 1 AS a', { default_format: 'JSONEachRow' })).toBe('{"a":1}\n');
    const headers = { 'X-ClickHouse-Format': 'CSV' };
    expect(await (await send({}, "SELECT 'a'", headers)).text()).toBe('"a"\n');
    const both = await send({}, 'SELECT 1 AS a FORMAT JSONEachRow', headers);
    expect(await both.text()).toBe('{"a":1}\n');
    expect(both.headers.get('x-clickhouse-format')).toBe('JSONEachRow');
  });

  it.each(['JSONEachRow', 'TabSeparated', 'CSV', 'RowBinary', 'CSVWithNames', 'JSONCompact'])(
    'gives a large result in %s, whatever way it is sent',
    async (format) => {
      const query = `SELECT number AS n, toString(n) AS s FROM numbers({rows:UInt32}) FORMAT ${format}`;
      const get = async (parameters: Readonly<Record<string, string>>) =>
        Buffer.from(await (await send({ param_rows: '300000', ...parameters }, query)).arrayBuffer());
      const atOnce = await get({ wait_end_of_query: '1' });
      const sum = (bytes: Buffer) => createHash('sha256').update(withoutTimes(bytes)).digest('hex');
      expect(sum(await get({}))).toBe(sum(atOnce));
      expect(sum(await get({ enable_http_compression: '1' }))).toBe(sum(atOnce));
    },
  );

  it('breaks a result off where the query fails in its middle, and refuses it before', async () => {
    const failing = (at: number) => `SELECT throwIf(number = ${at}, 'here'), number FROM numbers(3000000)`;
    expect((await send({ max_block_size: '1000' }, failing(0))).status).toBe(500);
    const broken = await send({ max_block_size: '1000' }, failing(2_999_999));
    expect(broken.status).toBe(200);
    await expect(broken.text()).rejects.toThrow();
  });

  it('serves others while the readers of large results are slow', async () => {
    const slow = await Promise.all(
      Array.from({ length: 6 }, () => send({}, 'SELECT number FROM numbers(50000000)')),
    );
    const readers = slow.map((response) => response.body!.getReader());
    for (const reader of readers) expect((await reader.read()).done).toBe(false);
    expect(await text('SELECT 1')).toBe('1\n');
    for (const reader of readers) await reader.cancel();
    expect(await text('SELECT 2')).toBe('2\n');
  });

  it('takes gzip, and gives it when asked', async () => {
    await text('TRUNCATE TABLE t');
    const zipped = new Uint8Array(gzipSync('{"a":1,"s":"zipped"}'));
    const insert = { database, query: 'INSERT INTO t FORMAT JSONEachRow' };
    expect((await send(insert, zipped, { 'Content-Encoding': 'gzip' })).status).toBe(200);
    const response = await send({ database, enable_http_compression: '1' }, 'SELECT s FROM t', {
      'Accept-Encoding': 'gzip',
    });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.text()).toBe('zipped\n');
  });

  it.each([
    ['SELECT * FROM nowhere', '60', 404, 'UNKNOWN_TABLE'],
    ['SELEC 1', '62', 400, 'SYNTAX_ERROR'],
    ["SELECT throwIf(1, 'why')", '395', 500, 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'],
  ])('refuses %s with code %s and status %i', async (query, code, status, name) => {
    const response = await send({ database }, query);
    expect(response.headers.get('x-clickhouse-exception-code')).toBe(code);
    expect(response.status).toBe(status);
    const reason = await response.text();
    expect(reason.startsWith(`Code: ${code}. DB::Exception: `)).toBe(true);
    expect(reason).toContain(`(${name})`);
  });

  it('refuses rows that do not parse, and an unknown database or setting', async () => {
    const response = await send({ database, query: 'INSERT INTO t FORMAT JSONEachRow' }, '{"a":"x"}');
    expect(response.status).toBe(400);
    expect(await text('SELECT 1', { database: 'nowhere' })).toContain('(UNKNOWN_DATABASE)');
    expect(await text('SELECT 1', { no_such_setting: '1' })).toContain('(UNKNOWN_SETTING)');
  });

  it('gives the name of a query back, and a summary of an INSERT', async () => {
    const named = await send({ query_id: `q-${database}` }, 'SELECT 1');
    expect(named.headers.get('x-clickhouse-query-id')).toBe(`q-${database}`);
    const inserted = await send({ database, query: 'INSERT INTO t FORMAT CSV' }, '1,a\n2,b\n');
    expect(JSON.parse(inserted.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({
      written_rows: '2',
    });
  });

  it('keeps databases, settings and parameters of parallel statements apart', async () => {
    const other = `${database}_other`;
    await send({}, `CREATE DATABASE ${other}`);
    const ask = async (i: number): Promise<string> => {
      const settings = {
        database: i % 2 ? database : other,
        param_i: i.toString(),
        max_block_size: (1000 + i).toString(),
      };
      return (
        await send(settings, "SELECT currentDatabase(), {i:UInt32}, getSetting('max_block_size')")
      ).text();
    };
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    expect(await Promise.all(numbers.map(ask))).toEqual(
      numbers.map((i) => `${i % 2 ? database : other}\t${i}\t${1000 + i}\n`),
    );
    await send({}, `DROP DATABASE ${other}`);
  });

  it('runs statements in parallel', async () => {
    const began = performance.now();
    await Promise.all([1, 2, 3, 4].map(() => text('SELECT sleep(0.5)')));
    expect(performance.now() - began).toBeLessThan(1500);
  });

  it('serves @clickhouse/client', async () => {
    await client.command({
      query:
        'CREATE TABLE c (id UInt64, props JSON, at DateTime64(3)) ENGINE = ReplacingMergeTree ORDER BY id',
    });
    const values = Array.from({ length: 100 }, (_, id) => ({
      id,
      props: { n: id, s: "quote ' and \t" },
      at: 1_700_000_000_000,
    }));
    await client.insert({ table: 'c', values, format: 'JSONEachRow', columns: ['id', 'props', 'at'] });
    const found = await client.query({
      query:
        'SELECT id, props.s::String AS s FROM c FINAL WHERE id IN {ids:Array(UInt64)} AND props.s::String = {s:String} ORDER BY id',
      query_params: { ids: [3, 5], s: "quote ' and \t" },
      format: 'JSONEachRow',
    });
    expect(await found.json()).toEqual([3, 5].map((id) => ({ id, s: "quote ' and \t" })));
    const failing = client.query({ query: 'SELECT * FROM nowhere' });
    await expect(failing).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
  });
});
