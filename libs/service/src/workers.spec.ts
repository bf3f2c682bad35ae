import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** A service that says which process answers, run from the build as every service is. */
const SOURCE = `
  import { Module } from '@nestjs/common';
  import { HttpAdapterHost } from '@nestjs/core';
  import { METRICS, runService } from '@tributary/service';
  import { Counter } from 'prom-client';
  import Type from 'typebox';
  class ThingModule {
    constructor(host, registry) {
      this.fastify = host.httpAdapter.getInstance();
      this.answers = new Counter({ name: 'answers_total', help: 'answers', registers: [registry] });
    }
    onModuleInit() {
      if (process.env.THING_BREAKS === 'yes') throw new Error('worn out');
      this.fastify.get('/pid', () => {
        this.answers.inc();
        return String(process.pid);
      });
    }
  }
  Module({})(ThingModule);
  Reflect.defineMetadata('design:paramtypes', [HttpAdapterHost, Object], ThingModule);
  Reflect.defineMetadata('self:paramtypes', [{ index: 1, param: METRICS }], ThingModule);
  await runService({
    name: 'thing',
    settings: Type.Object({}),
    module: () => ThingModule,
    listen: { port: () => 0, workers: () => 2 },
  });
`;
const cache = fileURLToPath(new URL('../../../node_modules/.cache/tributary/', import.meta.url));

let dir: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  await mkdir(cache, { recursive: true });
  dir = await mkdtemp(join(cache, 'workers-'));
  await writeFile(join(dir, 'thing.mjs'), SOURCE);
});

afterEach(async () => {
  child?.kill('SIGKILL');
  child = undefined;
  await rm(dir, { recursive: true });
});

function start(environment: Record<string, string> = {}) {
  const started = spawn(process.execPath, [join(dir, 'thing.mjs')], {
    env: {
      PATH: process.env.PATH,
      KAFKA_BROKERS: '127.0.0.1:1',
      CLICKHOUSE_URL: 'http://127.0.0.1:1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  child = started;
  const ended = once(started, 'exit').then(([code, signal]) => (signal ?? code) as number | string);
  return { child: started, ended, output: text(started.stdout!) };
}

async function startReady() {
  const running = start();
  const [{ url }] = (await once(running.child, 'message')) as [{ readonly url: string }];
  return { ...running, url };
}

/** Over a connection of its own, so that another process may answer. */
async function ask(url: string): Promise<string> {
  const response = await fetch(url, { headers: { connection: 'close' } });
  return response.text();
}

async function bothOf(url: string, not?: string): Promise<readonly string[]> {
  const pids = new Set<string>();
  await eventually(async () => {
    pids.add(await ask(`${url}/pid`));
    if (not !== undefined) pids.delete(not);
    expect(pids.size).toBe(2);
  });
  return [...pids];
}

describe('runWorkers', () => {
  it('has several processes answer on one port, and none of them is the first', async () => {
    const { child: first, url } = await startReady();
    expect(await bothOf(url)).not.toContain(String(first.pid));
  });

  it('adds up what they count', async () => {
    const { url } = await startReady();
    await Promise.all(Array.from({ length: 20 }, () => ask(`${url}/pid`)));
    expect(await ask(`${url}/metrics`)).toMatch(/^answers_total\{service="thing"\} 20$/m);
  });

  it('starts another where one was killed', async () => {
    const { url } = await startReady();
    const [killed = ''] = await bothOf(url);
    process.kill(Number(killed), 'SIGKILL');
    expect(await bothOf(url, killed)).not.toContain(killed);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('drains them on %s', async (signal) => {
    const { child: first, ended } = await startReady();
    first.kill(signal);
    expect(await ended).toBe(0);
  });

  it("drains them at its parent's end", async () => {
    const { child: first, ended } = await startReady();
    first.disconnect();
    expect(await ended).toBe(0);
  });

  it('leaves none behind where it is killed', async () => {
    const { child: first, url } = await startReady();
    const pids = await bothOf(url);
    first.kill('SIGKILL');
    await eventually(() => {
      for (const pid of pids) expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
    });
  });

  it('ends where one of them cannot start, and says why', async () => {
    const { ended, output } = start({ THING_BREAKS: 'yes' });
    expect(await ended).toBe(70);
    expect(await output).toMatch(/worn out[^]*a worker ended before it was ready/);
  });
});
