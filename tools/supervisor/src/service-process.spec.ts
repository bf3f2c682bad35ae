import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startService, type ServiceProcess } from './service-process.js';

const fixture = (file: string) => fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url));

let dataDir: string;
let said: string[];
let service: ServiceProcess | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-supervisor-'));
  said = [];
});

afterEach(async () => {
  await service?.stop();
  service = undefined;
  await rm(dataDir, { recursive: true });
});

async function start(env: Record<string, string> = {}, restart = false): Promise<ServiceProcess> {
  service = await startService({
    name: 'fixture',
    port: 0,
    env: { PATH: process.env.PATH, ...env },
    dataDir,
    restart,
    say: (line) => said.push(line),
    main: fixture('service.mjs'),
  });
  return service;
}

const log = () => readFile(join(dataDir, 'logs/fixture.log'), 'utf8');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('startService', () => {
  it('resolves when the service is ready, with its settings and its address', async () => {
    const { url } = await start({ FIXTURE: 'hello' });
    expect(await (await fetch(url)).text()).toBe('hello');
  });

  it('says in one line why a service did not start', async () => {
    const starting = start({ FIXTURE: 'does not start' }, true);
    await expect(starting).rejects.toThrow(
      `fixture did not start: the moon is away (its log: ${join(dataDir, 'logs/fixture.log')})`,
    );
    expect(said).toEqual([]);
  });

  it('blames no error of an earlier run', async () => {
    await start({ FIXTURE: 'does not start' }).catch(() => undefined);
    await start({}, true);
    service!.kill('SIGKILL');
    await eventually(() => said.length > 0);
    expect(said).toEqual(['fixture ended by SIGKILL; starting it again']);
  });
});

describe('ServiceProcess', () => {
  it('drains when it is stopped, and says nothing', async () => {
    const running = await start({}, true);
    await running.stop();
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(await log()).toContain('drained on SIGTERM');
    expect(said).toEqual([]);
  });

  it('tells when a service does not drain', async () => {
    await (await start({ FIXTURE: 'leaves badly' })).stop();
    expect(said).toEqual([expect.stringMatching(/^fixture did not drain: /)]);
  });

  it('tells of an end that nobody asked for in one line, and starts again', async () => {
    const running = await start({}, true);
    const first = running.pid!;
    running.kill('SIGUSR2');
    await eventually(() => running.pid !== first && isAlive(running.pid!));
    expect(said).toEqual(['fixture ended with code 1: worn out; starting it again']);
  });

  it('starts again after a kill when it is told to', async () => {
    const running = await start();
    running.kill('SIGKILL');
    expect(await running.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await running.start();
    expect((await fetch(running.url)).status).toBe(200);
    expect(said).toEqual([]);
  });

  it('ends when its parent is killed', async () => {
    const parent = spawn(process.execPath, [fixture('parent.mjs'), dataDir], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH },
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await eventually(() => !isAlive(pid));
    expect(await log()).toContain('drained on disconnect');
  });
});
