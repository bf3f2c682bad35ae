import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClickHouseClient } from '@clickhouse/client';
import type { PartitionBatch } from '@tributary/kafka';
import { failed, ok } from '@tributary/kernel';
import { clickhouseUrl, eventually, uniqueName } from '@tributary/testing';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Registry } from 'prom-client';
import { createClickHouse } from './client.js';
import type { MigrationSet } from './migrations.js';
import { Tables } from './tables.js';

const database = uniqueName('tables');
const SCHEMA: MigrationSet = {
  service: 'spec',
  migrations: [
    {
      name: '001_readings',
      sql: `CREATE TABLE IF NOT EXISTS readings (id String, at DateTime64(3, 'UTC'), offset UInt64)
ENGINE = ReplacingMergeTree(offset) ORDER BY id;`,
    },
  ],
};

interface Reading {
  readonly id: string;
  readonly at: string;
}

function batch(partition: number, readings: readonly (Reading | string)[], from = 0): PartitionBatch {
  const records = readings.map((reading, i) => ({
    topic: 'readings.v1',
    partition,
    offset: from + i,
    key: 'k',
    value: Buffer.from(typeof reading === 'string' ? reading : JSON.stringify(reading)),
    headers: {},
    timestamp: 0,
  }));
  const endOffset = from + readings.length;
  return { topic: 'readings.v1', partition, records, endOffset, logEnd: endOffset };
}

const at = '2026-01-02T03:04:05.678Z';
const range = (count: number, prefix: string) =>
  [...Array(count).keys()].map((i) => ({ id: `${prefix}${i}`, at }));

/** A door to the real server that can be shut: what is behind it is away then. */
class Door {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;

  async open(): Promise<void> {
    const behind = new URL(clickhouseUrl());
    const server = createServer((near) => {
      const far = connect(Number(behind.port || 80), behind.hostname);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  async shut(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

describe('Tables', () => {
  let reader: ClickHouseClient;
  let door: Door;
  const open: Tables[] = [];
  const logged: string[] = [];
  const log = (fields: object, message: string) => {
    logged.push(`${message} ${'table' in fields ? String(fields.table) : ''}`.trim());
  };

  const tables = (options: { readonly schema?: MigrationSet; readonly registry?: Registry } = {}) => {
    const made = new Tables({
      clickhouse: { url: `http://127.0.0.1:${door.port}`, database },
      schemas: [options.schema ?? SCHEMA],
      logger: { info: log, warn: log, error: log },
      registry: options.registry ?? new Registry(),
      pace: { lingerMs: 20, everyMs: 20 },
      patienceMs: 50,
    });
    made.onModuleInit();
    open.push(made);
    return made;
  };
  const sinkOf = (made: Tables) =>
    made.sink('readings', ({ value, offset }) => {
      const text = value?.toString() ?? '';
      if (!text.startsWith('{')) return failed('no reading');
      return ok([{ ...(JSON.parse(text) as Reading), offset }]);
    });
  const count = async (prefix: string, table = 'readings FINAL') => {
    const result = await reader.query({
      query: `SELECT count() AS rows FROM ${table} WHERE startsWith(id, {prefix:String})`,
      query_params: { prefix },
      format: 'JSONEachRow',
    });
    return (await result.json<{ rows: number }>())[0]?.rows;
  };

  beforeAll(async () => {
    door = new Door();
    await door.open();
    reader = createClickHouse({ url: clickhouseUrl(), database });
  });

  afterEach(async () => {
    for (const made of open.splice(0)) await made.onApplicationShutdown();
    logged.length = 0;
  });

  afterAll(async () => {
    await door.shut();
    await reader.command({ query: `DROP DATABASE IF EXISTS \`${database}\`` });
    await reader.close();
  });

  it('writes the batches of several partitions, and a repeated batch once', async () => {
    const sink = sinkOf(tables());
    await Promise.all([sink.take(batch(0, range(500, 'a'))), sink.take(batch(1, range(700, 'b')))]);
    await sink.take(batch(0, range(500, 'a')));
    expect([await count('a'), await count('b')]).toEqual([500, 700]);
  });

  it('waits for a ClickHouse that comes late, and loses nothing', async () => {
    await door.shut();
    const made = tables();
    expect(made.attempted).toBe(false);
    const taken = sinkOf(made).take(batch(0, range(10, 'late')));
    await eventually(() => made.attempted);
    expect(logged).toEqual(['table waits for clickhouse schema_migrations']);
    await door.open();
    await taken;
    expect(await count('late')).toBe(10);
    expect(logged).toEqual([
      'table waits for clickhouse schema_migrations',
      'table written again schema_migrations',
    ]);
  });

  it('goes on when ClickHouse went away and came back, and says each once', async () => {
    const made = tables();
    await made.prepared;
    await door.shut();
    const taken = sinkOf(made).take(batch(0, range(10, 'back')));
    await eventually(() => logged.length > 0);
    expect(logged).toEqual(['table waits for clickhouse readings']);
    await door.open();
    await taken;
    expect(await count('back')).toBe(10);
    expect(logged).toEqual(['table waits for clickhouse readings', 'table written again readings']);
  });

  it('keeps rows that ClickHouse refuses, and records that are none, aside; counts them; stores the rest', async () => {
    const registry = new Registry();
    const bad = { id: 'mixed-bad', at: 'the day before yesterday' };
    const readings = [...range(5, 'mixed'), bad, ...range(3, 'mixed-z'), 'nonsense'];
    await sinkOf(tables({ registry })).take(batch(7, readings, 100));
    expect(await count('mixed')).toBe(8);
    const result = await reader.query({
      query:
        'SELECT topic, kafka_partition, kafka_offset, error, value_base64 FROM refused_rows FINAL ORDER BY kafka_offset',
      format: 'JSONEachRow',
    });
    expect(await result.json()).toEqual([
      {
        topic: 'readings.v1',
        kafka_partition: 7,
        kafka_offset: 105,
        error: expect.stringMatching(/DateTime/),
        value_base64: Buffer.from(JSON.stringify(bad)).toString('base64'),
      },
      expect.objectContaining({ kafka_offset: 109, error: 'no reading' }),
    ]);
    expect(await registry.metrics()).toContain('tributary_table_refused_records_total{table="readings"} 2');
    expect(logged).toEqual(['records refused by a table readings']);
  });

  it('rejects what it holds, to be read again, when it closes while ClickHouse is away', async () => {
    const made = tables();
    await made.prepared;
    await door.shut();
    const taken = sinkOf(made).take(batch(0, range(1, 'closing')));
    made.onModuleDestroy();
    await expect(taken).rejects.toThrow(/closed before ClickHouse took what waits for table readings/);
    await door.open();
  });

  it('rejects batches when an applied migration was changed', async () => {
    await tables().prepared;
    const [first] = SCHEMA.migrations;
    const edited = { ...SCHEMA, migrations: [{ name: first!.name, sql: 'SELECT 1;' }] };
    const taken = sinkOf(tables({ schema: edited })).take(batch(0, range(1, 'changed')));
    await expect(taken).rejects.toThrow(/migration "001_readings" of spec was applied with checksum/);
    expect(logged).toEqual(['tables cannot be created']);
  });
});
