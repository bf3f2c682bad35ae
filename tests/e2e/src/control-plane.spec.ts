import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ownEnvironment, startOwnPlatform, type OwnPlatform } from '@tributary/harness';
import { ServiceProcess } from '@tributary/supervisor';
import { eventually } from '@tributary/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { everyOf, followed, shownBy, type Version } from './control/kept.js';
import { Ledger } from './control/ledger.js';
import { Door, write } from './control/writers.js';

/** `npm run control-test` kills twenty times. */
const KILLS = Number(process.env.CONTROL_KILLS ?? '3');
const WRITERS = 100;
const KAFKA_PARTITIONS = '8';
const BETWEEN_KILLS_MS = 1_500;
const TOKEN = 'dev-api-token';
const HOUR_MS = 3_600_000;

const stack = new AsyncDisposableStack();
const ledger = new Ledger();
let platform: OwnPlatform<'api'>;
let processes: readonly ServiceProcess[];
let killed: readonly string[];

beforeAll(async () => {
  const dataDir = process.env.CONTROL_DATA;
  platform = await startOwnPlatform(stack, {
    services: ['api'],
    env: { KAFKA_PARTITIONS },
    ...(dataDir && { dataDir }),
  });
  const { brokers, clickhouseUrl, databaseUrl } = platform;
  const where = { KAFKA_BROKERS: brokers, CLICKHOUSE_URL: clickhouseUrl, DATABASE_URL: databaseUrl };
  const second = new ServiceProcess({
    ...{ name: 'api', port: 0, dataDir: platform.dataDir, restart: false },
    env: { ...ownEnvironment(), ...where, KAFKA_PARTITIONS, TRIBUTARY_DATA: platform.dataDir },
  });
  stack.defer(() => second.stop());
  await second.start();
  processes = [platform.services.api, second];
  const door = new Door(() => processes.map(({ url }) => url), TOKEN);
  await door.ask('PUT', 'sources/shop', { name: 'Shop', writeKeys: [] }, { 'x-reason': 'first' });
  killed = await killAmongWriters(door);
}, HOUR_MS);

afterAll(async () => {
  await stack.disposeAsync();
}, 120_000);

/** Kills one after the other while a hundred write; says whom. */
async function killAmongWriters(door: Door): Promise<readonly string[]> {
  const over = new AbortController();
  const writers = Array.from({ length: WRITERS }, (_, i) => write(i, door, ledger, over.signal));
  const whom: string[] = [];
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      await delay(BETWEEN_KILLS_MS);
      whom.push(await killOne(kill));
    }
    await delay(BETWEEN_KILLS_MS);
  } finally {
    over.abort();
    await Promise.all(writers);
  }
  return whom;
}

/** The process that relays, the database, then either process. */
async function killOne(kill: number): Promise<string> {
  if (kill % 4 === 1) {
    platform.postgres?.kill('SIGKILL');
    return 'database';
  }
  const relays = await Promise.all(processes.map(isRelay));
  const holder = processes[relays.indexOf(true)];
  const either = processes[kill % processes.length];
  const victim = (kill % 4 === 0 ? holder : either) ?? processes[0]!;
  victim.kill('SIGKILL');
  await victim.exited;
  await victim.start();
  return victim === holder ? 'relay' : 'process';
}

async function isRelay({ url }: ServiceProcess): Promise<boolean> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return /^tributary_control_relay(\{[^}]*\})? 1$/m.test(text);
}

const doors = () => processes.map((process) => new Door(() => [process.url], TOKEN));

describe('definitions that two processes change while they are killed', () => {
  afterAll(() => {
    // Of `npm run control-test`, whose figures somebody waits for.
    if (process.env.CONTROL_KILLS === undefined) return;
    console.log(JSON.stringify({ killed, changes: ledger.changes.length, answers: [...ledger.answers] }));
  });

  it('were changed often, and by a relay that was killed', () => {
    expect(ledger.changes.length).toBeGreaterThan(WRITERS);
    expect(killed[0]).toBe('relay');
    expect(killed).toHaveLength(KILLS);
  });

  it('are the same in both processes, in the topics and for whoever follows them', async () => {
    const [first, second] = doors();
    const shown = await shownBy(first!);
    expect(shown.size).toBeGreaterThan(WRITERS);
    expect(await shownBy(second!)).toEqual(shown);
    await eventually(async () => {
      expect(await followed(platform.connection)).toEqual(shown);
    });
  });

  it('have each change that was answered, at the version of the answer, with its author', async () => {
    const [door] = doors();
    const paths = new Set(ledger.changes.map(({ path }) => path));
    const lost: unknown[] = [];
    for (const path of paths) {
      const versions = await everyOf<Version>(door!, `${path}/versions`);
      expect(versions.map(({ version }) => version)).toEqual(versions.map((_, i) => versions.length - i));
      expect(versions.filter(({ author }) => author.id !== 'operator')).toEqual([]);
      const byReason = new Map(versions.map((one) => [one.reason, one]));
      expect(byReason.size).toBe(versions.length);
      for (const change of ledger.changes.filter((one) => one.path === path)) {
        const kept = byReason.get(change.nonce);
        if (kept === undefined) lost.push(change);
        else if (change.version !== undefined && kept.version !== change.version) lost.push({ change, kept });
      }
    }
    expect(lost).toEqual([]);
  }, 300_000);

  it('count up by one with each version where each writer counts on from what it read', async () => {
    const [door] = doors();
    for (const key of ['shared-0', 'shared-1', 'shared-2']) {
      const versions = await everyOf<Version>(door!, `audiences/${key}/versions`);
      const counts = versions.map(
        ({ value }) => (JSON.parse(value?.description ?? '{}') as { readonly n?: number }).n,
      );
      expect(counts).toEqual(counts.map((_, i) => counts.length - i));
    }
  });

  it('have every write key that was made, and none in two sources', async () => {
    const [door] = doors();
    const sources = await everyOf<{ readonly id: string; readonly writeKeys: readonly { key: string }[] }>(
      door!,
      'sources',
    );
    const keys = sources.flatMap(({ writeKeys }) => writeKeys.map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
    expect(ledger.keys.length).toBeGreaterThan(0);
    expect(ledger.keys.filter((key) => !keys.includes(key))).toEqual([]);
  });
});

describe('a definition that is changed while Kafka is away', () => {
  it('is kept, answered with 202, and in force when Kafka is back', async () => {
    const [door] = doors();
    const path = 'sources/waiting';
    platform.kafka!.kill('SIGSTOP');
    try {
      expect(await door!.ask('PUT', path, { name: 'Waiting' })).toMatchObject({ status: 202 });
      expect(await door!.ask('GET', path)).toMatchObject({
        status: 200,
        body: { name: 'Waiting', version: 1 },
      });
    } finally {
      platform.kafka!.kill('SIGCONT');
    }
    await eventually(async () => (await followed(platform.connection)).has(path), {
      withinMs: 60_000,
      what: path,
    });
    expect(await door!.ask('PUT', path, { name: 'There' })).toMatchObject({ status: 200 });
  });
});
