import { TOPICS } from '@tributary/contracts';
import { PROCESSORS } from '@tributary/harness';
import { BatchingProducer, logBounds, readPartition, type OutgoingRecord } from '@tributary/kafka';
import type { ServiceName } from '@tributary/supervisor';
import { setTimeout as delay } from 'node:timers/promises';
import type { Load } from './load.js';
import { inSync, leaderOf } from './replicas.js';
import type { BreakablePlatform } from './breakable-platform.js';
import type { Fault, FaultKind } from './schedule.js';
import type { Machine } from './workers.js';

/** Begins to mend what was broken; resolves when it is in place again. */
export type Mend = () => Promise<void>;

/** What is there to be broken. */
export interface Scene {
  readonly platform: BreakablePlatform;
  readonly load: Load;
}

/** Breaks one thing and leaves it broken for as long as the fault says. */
type Breaking = (scene: Scene, fault: Fault) => Promise<Mend>;

const EVENTS = TOPICS.events.name;
const REPEATED_RECORDS = 200;
const nothingToMend = () => Promise.resolve();

const BREAKING: Readonly<Record<FaultKind, Breaking>> = {
  'kill-service': kill,
  'kill-several': kill,
  'kill-broker': async ({ platform }, { target, forMs }) => {
    const leader = await leaderOf(platform.connection, EVENTS, Number(target));
    await platform.brokers.kill(leader);
    await delay(forMs);
    return async () => {
      await platform.brokers.startAgain(leader);
      await inSync(platform.connection, platform.brokers.count);
    };
  },
  'kill-clickhouse': async ({ platform }, { forMs }) => {
    await platform.killClickHouse();
    await delay(forMs);
    return () => platform.startClickHouse();
  },
  zombie: async ({ platform }, { target, forMs }) => {
    const [name, machine] = onMachine(target);
    await platform.workers.add(name, machine);
    const sleeper = platform.services[name];
    sleeper.kill('SIGSTOP');
    await delay(forMs);
    return () => {
      sleeper.kill('SIGCONT');
      return Promise.resolve();
    };
  },
  scale: ({ platform }, { target }) => {
    const [name, machine] = onMachine(target);
    return Promise.resolve(() =>
      platform.workers.has(name) ? platform.workers.remove(name) : platform.workers.add(name, machine),
    );
  },
  cut: async ({ platform }, { target, forMs }) => {
    const ways = { reset: 'reset', swallow: 'swallow', delay: { delayMs: 300 } } as const;
    platform.brokers.become(ways[target as keyof typeof ways]);
    await delay(forMs);
    return () => {
      platform.brokers.become('pass');
      return Promise.resolve();
    };
  },
  'lose-state': async ({ platform }, { target }) => {
    const name = PROCESSORS.find(({ folder }) => folder === target)?.service;
    if (!name) throw new RangeError(`no processor keeps its state in ${target}`);
    await platform.workers.remove(name);
    await platform.killService(name);
    await platform.loseState(target);
    return () => platform.startService(name);
  },
  'repeat-calls': async ({ load }, { target }) => {
    for (const calls of load.delivered.slice(-Number(target))) await load.deliver(calls);
    return nothingToMend;
  },
  'repeat-log': async ({ platform }, { target }) => {
    await repeatLog(platform, Number(target));
    return nothingToMend;
  },
  'step-clock': async ({ platform }, { target, forMs }) => {
    const [name = '', offset] = target.split(' ');
    await platform.stepClock(name as ServiceName, Number(offset));
    await delay(forMs);
    return () => platform.stepClock(name as ServiceName, 0);
  },
};

/** Resolves when the fault is over and may be mended; how the platform takes it is seen afterwards. */
export function breaks(scene: Scene, fault: Fault): Promise<Mend> {
  return BREAKING[fault.kind](scene, fault);
}

async function kill({ platform }: Scene, { target, forMs }: Fault): Promise<Mend> {
  const names = target.split(' ') as ServiceName[];
  await Promise.all(names.map((name) => platform.killService(name)));
  await delay(forMs);
  return async () => {
    await Promise.all(names.map((name) => platform.startService(name)));
  };
}

function onMachine(target: string): readonly [ServiceName, Machine] {
  const [name, machine] = target.split(' ');
  return [name as ServiceName, machine as Machine];
}

/** Appends the latest records of a partition of the event log to it once more, as they are. */
async function repeatLog({ connection }: BreakablePlatform, partition: number): Promise<void> {
  const { start = 0, end = 0 } = (await logBounds(connection, EVENTS)).get(partition) ?? {};
  const records: OutgoingRecord[] = [];
  const from = Math.max(start, end - REPEATED_RECORDS);
  await readPartition(connection, { topic: EVENTS, partition, from, to: end }, ({ key, value, headers }) => {
    records.push({ topic: EVENTS, partition, key, value, headers });
  });
  const producer = new BatchingProducer(connection);
  await producer.connect();
  await producer.send(records);
  await producer.disconnect();
}
