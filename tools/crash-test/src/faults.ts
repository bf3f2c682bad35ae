import { TOPICS } from '@tributary/contracts';
import { BatchingProducer, logBounds, readPartition, type OutgoingRecord } from '@tributary/kafka';
import type { ServiceName } from '@tributary/supervisor';
import { setTimeout as delay } from 'node:timers/promises';
import type { Load } from './load.js';
import { inSync, leaderOf } from './replicas.js';
import type { Harness } from './harness.js';
import { PROCESSORS, type Fault, type FaultKind } from './schedule.js';
import type { Machine } from './workers.js';

/** Begins to mend what was broken; resolves when it is in place again. */
export type Mend = () => Promise<void>;

/** What is there to be broken. */
export interface Scene {
  readonly harness: Harness;
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
  'kill-broker': async ({ harness }, { target, forMs }) => {
    const leader = await leaderOf(harness.connection, EVENTS, Number(target));
    await harness.brokers.kill(leader);
    await delay(forMs);
    return async () => {
      await harness.brokers.startAgain(leader);
      await inSync(harness.connection, harness.brokers.count);
    };
  },
  'kill-clickhouse': async ({ harness }, { forMs }) => {
    await harness.killClickHouse();
    await delay(forMs);
    return () => harness.startClickHouse();
  },
  zombie: async ({ harness }, { target, forMs }) => {
    const [name, machine] = onMachine(target);
    await harness.workers.add(name, machine);
    const sleeper = harness.platform.services[name];
    sleeper.kill('SIGSTOP');
    await delay(forMs);
    return () => {
      sleeper.kill('SIGCONT');
      return Promise.resolve();
    };
  },
  scale: ({ harness }, { target }) => {
    const [name, machine] = onMachine(target);
    return Promise.resolve(() =>
      harness.workers.has(name) ? harness.workers.remove(name) : harness.workers.add(name, machine),
    );
  },
  cut: async ({ harness }, { target, forMs }) => {
    const ways = { reset: 'reset', swallow: 'swallow', delay: { delayMs: 300 } } as const;
    harness.brokers.become(ways[target as keyof typeof ways]);
    await delay(forMs);
    return () => {
      harness.brokers.become('pass');
      return Promise.resolve();
    };
  },
  'lose-state': async ({ harness }, { target }) => {
    const name = PROCESSORS[target as keyof typeof PROCESSORS];
    await harness.workers.remove(name);
    await harness.killService(name);
    await harness.loseState(target);
    return () => harness.startService(name);
  },
  'repeat-calls': async ({ load }, { target }) => {
    for (const calls of load.delivered.slice(-Number(target))) await load.deliver(calls);
    return nothingToMend;
  },
  'repeat-log': async ({ harness }, { target }) => {
    await repeatLog(harness, Number(target));
    return nothingToMend;
  },
  'step-clock': async ({ harness }, { target, forMs }) => {
    const [name = '', offset] = target.split(' ');
    await harness.stepClock(name as ServiceName, Number(offset));
    await delay(forMs);
    return () => harness.stepClock(name as ServiceName, 0);
  },
};

/** Resolves when the fault is over and may be mended; how the platform takes it is seen afterwards. */
export function breaks(scene: Scene, fault: Fault): Promise<Mend> {
  return BREAKING[fault.kind](scene, fault);
}

async function kill({ harness }: Scene, { target, forMs }: Fault): Promise<Mend> {
  const names = target.split(' ') as ServiceName[];
  await Promise.all(names.map((name) => harness.killService(name)));
  await delay(forMs);
  return async () => {
    await Promise.all(names.map((name) => harness.startService(name)));
  };
}

function onMachine(target: string): readonly [ServiceName, Machine] {
  const [name, machine] = target.split(' ');
  return [name as ServiceName, machine as Machine];
}

/** Appends the latest records of a partition of the event log to it once more, as they are. */
async function repeatLog({ connection }: Harness, partition: number): Promise<void> {
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
