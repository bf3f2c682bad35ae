import { TOPICS } from '@tributary/contracts';
import { startOwnPlatform } from '@tributary/harness';
import { logBounds } from '@tributary/kafka';
import { ServiceProcess } from '@tributary/supervisor';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../bench.errors.js';
import { LoadProcess } from '../load/load-process.js';
import type { LoadOptions, Sent } from '../load/load.js';
import { cpuBetween, usages } from '../processes.js';

const PLAIN_MAIN = fileURLToPath(new URL('plain/plain.main.js', import.meta.url));
const PLAIN_TOPIC = 'bench.plain.v1';

/** One of the collectors that are compared. */
export interface Contender {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** Where its events go. */
  readonly topic: string;
}

/** A load that went to one of them, and the CPU time that it took. */
export interface Turn {
  readonly sent: Sent;
  readonly collectorMicroseconds: number;
  readonly brokerMicroseconds: number;
}

/** The collectors, side by side before one broker. */
export interface Arena {
  readonly contenders: readonly Contender[];
  /** @throws BenchError when what was acknowledged is not in the topic */
  readonly send: (contender: Contender, load: Omit<LoadOptions, 'url' | 'kind'>) => Promise<Turn>;
}

export async function startArena(stack: AsyncDisposableStack): Promise<Arena> {
  const platform = await startOwnPlatform(stack, { services: ['collector'] });
  const { brokers, connection, dataDir, kafka } = platform;
  const ours = platform.services.collector;
  const partitions = (await logBounds(connection, TOPICS.events.name)).size;
  await connection.withAdmin((admin) =>
    admin.createTopics({ topics: [{ topic: PLAIN_TOPIC, numPartitions: partitions, replicationFactor: 1 }] }),
  );
  const plain = new ServiceProcess({
    name: 'plain-collector',
    env: { PATH: process.env.PATH, KAFKA_BROKERS: brokers, PLAIN_COLLECTOR_TOPIC: PLAIN_TOPIC },
    dataDir,
    restart: false,
    main: PLAIN_MAIN,
  });
  stack.defer(() => plain.stop());
  await plain.start();
  const load = stack.use(new LoadProcess());
  const contenders = [
    { name: 'tributary', url: ours.url, pid: pidOf(ours.pid), topic: TOPICS.events.name },
    { name: 'plain', url: plain.url, pid: pidOf(plain.pid), topic: PLAIN_TOPIC },
  ];
  const written = async (topic: string) =>
    [...(await logBounds(connection, topic)).values()].reduce((sum, { end }) => sum + end, 0);
  const broker = pidOf(kafka?.pid);
  return {
    contenders,
    send: async ({ url, pid, topic, name }, options) => {
      const processes = new Map([
        ['collector', pid],
        ['broker', broker],
      ]);
      const records = await written(topic);
      const before = usages(processes);
      const sent = await load.send({ ...options, url, kind: 'visits' });
      const cpu = cpuBetween(before, usages(processes));
      const arrived = (await written(topic)) - records;
      if (arrived !== sent.events)
        throw new BenchError(`${name} acknowledged ${sent.events} events, and ${arrived} are in ${topic}`);
      return {
        sent,
        collectorMicroseconds: cpu.get('collector') ?? Number.NaN,
        brokerMicroseconds: cpu.get('broker') ?? Number.NaN,
      };
    },
  };
}

function pidOf(pid: number | undefined): number {
  if (pid === undefined) throw new BenchError('a process that is to be measured does not run');
  return pid;
}
