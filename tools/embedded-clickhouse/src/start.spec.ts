import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { DataDirError, PortInUseError } from './embedded-clickhouse.errors.js';
import { startClickHouse } from './start.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clickhouse-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const RUNNING =
  "SELECT count() FROM system.processes WHERE query LIKE '%sleep(0.5)%' AND query NOT LIKE '%processes%'";

const send = async (url: string, query: string): Promise<string> =>
  (await fetch(url, { method: 'POST', body: query })).text();

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('startClickHouse', () => {
  it('keeps what was inserted when it is killed, in any database', async () => {
    const first = await startClickHouse({ dataDir: dir, port: 0 });
    await send(first.url, 'CREATE DATABASE d');
    for (const table of ['d.t', 't']) {
      await send(first.url, `CREATE TABLE ${table} (a UInt32) ENGINE = MergeTree ORDER BY a`);
      await send(first.url, `INSERT INTO ${table} SELECT number FROM numbers(1000)`);
    }
    first.kill('SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });
    const second = await startClickHouse({ dataDir: dir, port: 0 });
    for (const table of ['d.t', 't'])
      expect(await send(second.url, `SELECT count() FROM ${table}`)).toBe('1000\n');
    await second.stop();
    expect(await second.exited).toEqual({ code: 0, signal: null });
  });

  it('merges as the file of settings says that a server has, too', async () => {
    const server = await startClickHouse({ dataDir: dir, port: 0 });
    const asked = "SELECT value FROM system.merge_tree_settings WHERE name = 'merge_selector_base'";
    expect(await send(server.url, asked)).toBe('20\n');
    await server.stop();
  });

  it('ends when its parent is killed', async () => {
    const start = new URL('../dist/start.js', import.meta.url).href;
    const code = `const { startClickHouse } = await import(${JSON.stringify(start)});
      const server = await startClickHouse({ dataDir: ${JSON.stringify(dir)}, port: 0 });
      console.log(server.pid);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    expect(isAlive(Number(line))).toBe(true);
    parent.kill('SIGKILL');
    while (isAlive(Number(line))) await delay(20);
  });

  it('gives the answer that is under way before it stops, and waits for no idle connection', async () => {
    const server = await startClickHouse({ dataDir: dir, port: 0 });
    await send(server.url, 'SELECT 1');
    const answer = send(server.url, 'SELECT sleep(0.5), 7');
    while ((await send(server.url, RUNNING)) !== '1\n') await delay(20);
    await server.stop();
    expect(await answer).toBe('0\t7\n');
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  it('refuses a body that unpacks to more than it would hold', async () => {
    const server = await startClickHouse({ dataDir: dir, port: 0 });
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(270_000_000)));
    const response = await fetch(`${server.url}/?query=INSERT+INTO+t+FORMAT+RowBinary`, {
      method: 'POST',
      body: bomb,
      headers: { 'Content-Encoding': 'gzip' },
    });
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('insert in smaller batches. (TOO_MANY_BYTES)');
    await server.stop();
  });

  it('says that the port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    await expect(startClickHouse({ dataDir: dir, port })).rejects.toThrow(PortInUseError);
    holder.close();
  });

  it('says that it cannot write to the folder', async () => {
    await writeFile(join(dir, 'file'), '');
    await expect(startClickHouse({ dataDir: join(dir, 'file'), port: 0 })).rejects.toThrow(DataDirError);
  });
});
