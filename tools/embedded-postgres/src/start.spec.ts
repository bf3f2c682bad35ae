import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { access, mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DataDirInUseError, PortInUseError } from './embedded-postgres.errors.js';
import { startPostgres } from './start.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postgres of the kôhvik 店-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function ask(url: string, statement: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  it('keeps what was answered when it is killed in the middle of writes', async () => {
    const server = await startPostgres({ dataDir: dir, port: 0 });
    await ask(server.url, 'CREATE TABLE writes (n int PRIMARY KEY)');
    const client = new pg.Client({ connectionString: server.url });
    client.on('error', () => undefined);
    await client.connect();
    const answered: number[] = [];
    for (let n = 0; n < 10_000; n += 1) {
      if (n === 300) server.kill('SIGKILL');
      const taken = await client.query('INSERT INTO writes VALUES ($1)', [n]).then(
        () => true,
        () => false,
      );
      if (!taken) break;
      answered.push(n);
    }
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
    const again = await startPostgres({ dataDir: dir, port: Number(new URL(server.url).port) });
    const rows = await ask(again.url, 'SELECT n FROM writes ORDER BY n');
    expect(again.url).toBe(server.url);
    const there = new Set(rows.map((row) => (row as { readonly n: number }).n));
    expect(answered.length).toBeGreaterThanOrEqual(300);
    expect(answered.filter((n) => !there.has(n))).toEqual([]);
    await again.stop();
  });

  it('lets nobody in without the password of the folder, which nobody else may read', async () => {
    const server = await startPostgres({ dataDir: dir, port: 0, durable: false });
    const url = new URL(server.url);
    url.password = 'guessed';
    await expect(ask(url.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect((await stat(join(dir, 'password'))).mode & 0o077).toBe(0);
    await server.stop();
  });

  it('refuses a folder that another holds, and a port that is taken', async () => {
    const server = await startPostgres({ dataDir: dir, port: 0, durable: false });
    const port = Number(new URL(server.url).port);
    const other = join(dir, 'other');
    await expect(startPostgres({ dataDir: other, port, durable: false })).rejects.toThrow(PortInUseError);
    await expect(startPostgres({ dataDir: dir, port: 0, durable: false, patienceMs: 50 })).rejects.toThrow(
      DataDirInUseError,
    );
    await server.stop();
    const busy = createServer().listen(0, '127.0.0.1');
    await eventually(() => busy.listening);
    const taken = (busy.address() as AddressInfo).port;
    await expect(startPostgres({ dataDir: dir, port: taken, durable: false })).rejects.toThrow(
      PortInUseError,
    );
    busy.close();
  });

  it('does not take a cluster that was cut off in the making for whole', async () => {
    const server = await startPostgres({ dataDir: dir, port: 0, durable: false });
    await server.stop();
    await expect(access(join(dir, 'cluster.new'))).rejects.toThrow();
    await rm(join(dir, 'cluster'), { recursive: true });
    const again = await startPostgres({ dataDir: dir, port: 0, durable: false });
    expect(await ask(again.url, 'SELECT current_database() AS name')).toEqual([{ name: 'tributary' }]);
    await again.stop();
  });
});
