import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform, type PlatformOptions } from './platform.js';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-supervisor-'));
});

afterEach(async () => {
  await rm(dataDir, { recursive: true });
});

const start = (options: Partial<PlatformOptions> = {}) =>
  startPlatform({
    dataDir,
    env: {},
    services: [],
    brokers: '127.0.0.1:1',
    clickhouseUrl: 'http://127.0.0.1:1',
    restart: false,
    ...options,
  });

const lockFile = () => join(dataDir, 'lock');

describe('startPlatform', () => {
  it('uses the servers that it is given and starts none', async () => {
    const platform = await start();
    expect(platform).toMatchObject({ brokers: '127.0.0.1:1', clickhouseUrl: 'http://127.0.0.1:1', dataDir });
    expect(platform.kafka).toBeUndefined();
    await platform.stop();
    expect(await readdir(dataDir)).toEqual(['logs']);
  });

  it('takes servers from the settings, where an empty one counts as not set', async () => {
    const platform = await startPlatform({
      dataDir,
      env: { KAFKA_BROKERS: 'far:9092', CLICKHOUSE_URL: 'http://far:8123', COLLECTOR_PORT: '' },
      services: [],
      restart: false,
    });
    expect(platform.brokers).toBe('far:9092');
    await platform.stop();
  });

  it('refuses a data folder that another process uses, and names it', async () => {
    const platform = await start();
    await expect(start()).rejects.toThrow(
      `data folder ${dataDir} is in use by process ${process.pid}: stop it, or set TRIBUTARY_DATA to another folder`,
    );
    await platform.stop();
    await (await start()).stop();
  });

  it.each([
    ['gone', '4194399 1'],
    ['gone, and its id another’s', `${process.pid} 1`],
    ['not said', ''],
  ])('takes over a lock whose process is %s', async (_, lock) => {
    await writeFile(lockFile(), lock);
    await (await start()).stop();
  });

  it('refuses a data folder that cannot be made', async () => {
    const file = join(dataDir, 'file');
    await writeFile(file, '');
    await expect(start({ dataDir: join(file, 'data') })).rejects.toThrow(
      `data folder ${join(file, 'data')} cannot be written: set TRIBUTARY_DATA to a folder that this user may write`,
    );
  });

  it.each([
    ['COLLECTOR_PORT', 'collector'],
    ['PROFILE_BUILDER_PORT', 'profile-builder'],
  ] as const)('refuses a taken %s before it starts anything', async (setting, name) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await expect(start({ services: [name], env: { [setting]: port.toString() } })).rejects.toThrow(
      `port ${port} is in use by another process: stop it, or set ${setting} to another port (0: any free one)`,
    );
    taken.close();
    expect(await readdir(join(dataDir, 'logs'))).toEqual([]);
  });

  it('refuses a port that is none', async () => {
    await expect(start({ services: ['api'], env: { API_PORT: '80801' } })).rejects.toThrow(
      'API_PORT is "80801", and must be a port from 0 (any free one) to 65535',
    );
  });

  it('refuses a number of brokers that cannot be had', async () => {
    await expect(start({ env: { KAFKA_NODES: '2' } })).rejects.toThrow(
      'KAFKA_NODES is "2", and must be 1 or 3',
    );
  });

  it('lets the folder go when the start fails or is given up', async () => {
    await mkdir(join(dataDir, 'logs'));
    const reason = new Error('no longer wanted');
    await expect(start({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await readdir(dataDir)).toEqual(['logs']);
  });
});
