import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVICES } from './platform.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
// Alone on the machine it takes ten seconds.
const START_WITHIN_MS = 110_000;
const OWN_SERVERS = { KAFKA_BROKERS: '', CLICKHOUSE_URL: '', DATABASE_URL: '' };
const ANY_PORT = {
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

let dataDir: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-main-'));
});

afterEach(async () => {
  child?.kill('SIGKILL');
  child = undefined;
  await rm(dataDir, { recursive: true });
});

function start(env: Record<string, string> = {}) {
  const started = spawn(process.execPath, [MAIN], {
    env: { ...process.env, ...OWN_SERVERS, ...ANY_PORT, TRIBUTARY_DATA: dataDir, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child = started;
  const output: string[] = [];
  started.stdout!.on('data', (data: Buffer) => output.push(data.toString()));
  started.stderr!.on('data', (data: Buffer) => output.push(data.toString()));
  const ended = once(started, 'exit').then(([code]) => code as number | null);
  return { child: started, ended, output: () => output.join('') };
}

/** Processes whose arguments or environment name the data folder. */
async function processesOf(folder: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const named = await Promise.all(
    pids.map(async (pid) => {
      const texts = await Promise.all(
        ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
      );
      return texts.some((text) => text.includes(folder));
    }),
  );
  return pids.filter((_, index) => named[index]);
}

describe('npm start', () => {
  it('tells where everything is, is ready, and drains with 0 leaving no process', async () => {
    const { child: started, ended, output } = start();
    await eventually(() => output().includes('\ntributary is ready\n'), { withinMs: START_WITHIN_MS });
    expect(output()).toMatch(/^ {2}collector {4}http:\/\/127\.0\.0\.1:\d+$/m);
    expect(output()).toMatch(/^ {2}api docs {5}http:\/\/127\.0\.0\.1:\d+\/docs$/m);
    expect((await processesOf(dataDir)).length).toBeGreaterThan(SERVICES.length);
    started.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await processesOf(dataDir)).toEqual([]);
  }, 130_000);

  it('ends when whoever started it is gone', async () => {
    const { child: started, ended } = start();
    await eventually(async () => (await readdir(dataDir)).includes('lock'));
    started.disconnect();
    expect(await ended).toBe(0);
  });

  it('says in one line what is wrong and ends with 1', async () => {
    const file = join(dataDir, 'file');
    await writeFile(file, '');
    const { ended, output } = start({ TRIBUTARY_DATA: file });
    expect(await ended).toBe(1);
    await eventually(() => output() !== '');
    expect(output()).toBe(
      `data folder ${file} cannot be written: set TRIBUTARY_DATA to a folder that this user may write\n`,
    );
  });
});
