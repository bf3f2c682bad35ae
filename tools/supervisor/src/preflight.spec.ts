import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const START = fileURLToPath(new URL('../../launch/start.mjs', import.meta.url));

let dataDir: string;
let listener: Server | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-preflight-'));
});

afterEach(async () => {
  listener?.close();
  listener = undefined;
  await rm(dataDir, { recursive: true });
});

async function takenPort(): Promise<number> {
  listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return (listener.address() as AddressInfo).port;
}

/** What `npm start` says, and with which code it ends; it is not to come further than its checks. */
async function start(env: Record<string, string>, ...args: readonly string[]) {
  const ports = {
    COLLECTOR_PORT: '0',
    COLLECTOR_INTERNAL_PORT: '0',
    API_PORT: '0',
    IDENTITY_PORT: '0',
    PROFILE_BUILDER_PORT: '0',
    SEGMENTATION_PORT: '0',
    KAFKA_PORT: '0',
    CLICKHOUSE_PORT: '0',
    POSTGRES_PORT: '0',
  };
  const given = {
    KAFKA_BROKERS: '',
    CLICKHOUSE_URL: '',
    DATABASE_URL: '',
    TRIBUTARY_DATA: dataDir,
    NODE_OPTIONS: '',
  };
  const child = spawn(process.execPath, [START, ...args], {
    env: { ...process.env, ...ports, ...given, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, lines: output.trim().split('\n') };
}

describe('npm start, before it installs or starts anything', () => {
  it('starts no Kafka of its own where the settings want TLS or SASL', async () => {
    for (const security of [
      { KAFKA_TLS: 'true' },
      { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_TOKEN_FILE: START },
    ]) {
      const { code, lines } = await start(security);
      expect(code).toBe(1);
      expect(lines).toEqual([
        expect.stringMatching(/^KAFKA_BROKERS is not set, and KAFKA_(TLS|SASL_MECHANISM) is/),
      ]);
    }
  });

  it('names every setting that is wrong, every port in use and the folder, all at once', async () => {
    const port = await takenPort();
    const { code, lines } = await start({
      COLLECTOR_PORT: String(port),
      API_PORT: '80801',
      LOG_LEVEL: 'loud',
      KAFKA_PARTITIONS: '0',
      TABLES_LINGER_MS: 'soon',
      COLLECTOR_PUBLIC_URL: 'collect.example.com',
      TRIBUTARY_DATA: '/proc/tributary',
    });
    expect(code).toBe(1);
    for (const name of [
      'API_PORT',
      'LOG_LEVEL',
      'KAFKA_PARTITIONS',
      'TABLES_LINGER_MS',
      'COLLECTOR_PUBLIC_URL',
    ]) {
      expect(lines.filter((line) => line.startsWith(`${name} is "`))).toHaveLength(1);
    }
    expect(lines.filter((line) => line.startsWith(`port ${port} is in use`))).toHaveLength(1);
    expect(
      lines.filter((line) => line.startsWith('data folder /proc/tributary cannot be written')),
    ).toHaveLength(1);
    expect(lines).toHaveLength(7);
  });

  it('names servers that do not answer, and no password', async () => {
    const { code, lines } = await start({
      KAFKA_BROKERS: '127.0.0.1:1',
      CLICKHOUSE_URL: 'http://someone:secret@127.0.0.1:1',
      DATABASE_URL: 'postgres://someone:secret@127.0.0.1:1/tributary',
    });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^KAFKA_BROKERS is 127\.0\.0\.1:1, and nothing answers there/),
      expect.stringMatching(/^CLICKHOUSE_URL is http:\/\/127\.0\.0\.1:1, and nothing answers there/),
      expect.stringMatching(/^DATABASE_URL names 127\.0\.0\.1:1, and nothing answers there/),
    ]);
    expect(lines.join('\n')).not.toContain('secret');
  });

  it('says one thing of a Kafka and a ClickHouse whose addresses are none', async () => {
    const { code, lines } = await start({ KAFKA_BROKERS: 'localhost', CLICKHOUSE_URL: '127.0.0.1:8123' });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^KAFKA_BROKERS is "localhost"/),
      expect.stringMatching(/^CLICKHOUSE_URL is "127/),
    ]);
  });

  it('says of a percent sign in a password what to write', async () => {
    const { lines } = await start({ CLICKHOUSE_URL: 'http://someone:p%zz@127.0.0.1:1' });
    expect(lines).toEqual([expect.stringContaining('write it as %25')]);
  });

  it('checks alone, explains itself, and refuses options that it does not have', async () => {
    const checked = await start({}, '--validate');
    expect(checked).toMatchObject({ code: 0, lines: [expect.stringContaining('the settings are right')] });
    const explained = await start({}, '--help');
    expect(explained.code).toBe(0);
    expect(explained.lines.join('\n')).toContain('npm start -- --validate');
    const refused = await start({}, '--port=1');
    expect(refused.code).toBe(1);
    expect(refused.lines[0]).toBe("Unknown option '--port'");
  });

  it('says of two listeners that they have one port', async () => {
    const port = await takenPort();
    listener?.close();
    const { code, lines } = await start({ API_PORT: String(port), IDENTITY_PORT: String(port) });
    expect(code).toBe(1);
    expect(lines).toEqual([`IDENTITY_PORT and API_PORT are both ${port}: give each a port of its own`]);
  });

  it('names a file that is not there', async () => {
    const { lines } = await start({
      KAFKA_BROKERS: '127.0.0.1:1',
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA: '/gone.pem',
    });
    expect(lines).toContain('KAFKA_TLS_CA is "/gone.pem", which cannot be read (ENOENT)');
  });

  it('names the setting that a misspelt one may have meant', async () => {
    const { lines } = await start({ COLECTOR_PORT: '8080', KAFKA_PARTITIONS: 'x' });
    expect(lines[0]).toBe('COLECTOR_PORT is no setting and is ignored; did you mean COLLECTOR_PORT?');
  });

  it('refuses the development keys on any address but loopback', async () => {
    const { code, lines } = await start({ BIND_ADDRESS: '0.0.0.0' });
    expect(code).toBe(1);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^TRIBUTARY_WRITE_KEY has its development value/);
  });

  it('leaves nothing in the data folder', async () => {
    await start({ API_PORT: 'x' });
    expect(await readdir(dataDir)).toEqual([]);
  });
});
