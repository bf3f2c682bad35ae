import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KafkaConnection } from '@tributary/kafka';

import {
  DataDirDamagedError,
  DataDirError,
  DataDirInUseError,
  DataDirNameError,
  JavaMissingError,
  PortInUseError,
} from './embedded-kafka.errors.js';
import { startKafka } from './start.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kafka of the kôhvik \\ 店-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const kafka = (brokers: string, retries = 8) =>
  new KafkaConnection({ clientId: 'spec', brokers: [brokers], retries }).client;

async function produce(brokers: string, values: readonly string[]): Promise<void> {
  const producer = kafka(brokers).producer();
  await producer.connect();
  await producer.send({ topic: 't', messages: values.map((value) => ({ value })) });
  await producer.disconnect();
}

async function topicsAfterAsking(brokers: string, topic: string): Promise<readonly string[]> {
  const admin = kafka(brokers, 0).admin();
  await expect(admin.fetchTopicMetadata({ topics: [topic] })).rejects.toThrow();
  const topics = await admin.listTopics();
  await admin.disconnect();
  return topics;
}

async function consume(brokers: string, count: number): Promise<readonly string[]> {
  const consumer = kafka(brokers).consumer({ groupId: 'g' });
  const values: string[] = [];
  const { promise: all, resolve } = Promise.withResolvers<undefined>();
  await consumer.subscribe({ topic: 't', fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      if (values.push(String(message.value)) === count) resolve(undefined);
      return Promise.resolve();
    },
  });
  await all;
  await consumer.disconnect();
  return values;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const gone = async (pid: number): Promise<void> => {
  while (isAlive(pid)) await delay(20);
};

const parentOf = async (pid: number): Promise<number> =>
  Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]);

interface Family {
  readonly parent: ChildProcess;
  readonly guard: number;
  readonly java: number;
}

async function startUnderParent(): Promise<Family> {
  const start = new URL('../dist/start.js', import.meta.url).href;
  const code = `const { startKafka } = await import(${JSON.stringify(start)});
    const kafka = await startKafka({ dataDir: ${JSON.stringify(dir)}, port: 0 });
    console.log(kafka.pid);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  return { parent, java: Number(line), guard: await parentOf(Number(line)) };
}

describe('startKafka', () => {
  it('takes groups at once, makes no topic by itself, and keeps what it took when it is killed', async () => {
    const first = await startKafka({ dataDir: dir, port: 0 });
    expect(await topicsAfterAsking(first.brokers, 'unasked')).not.toContain('unasked');
    const admin = kafka(first.brokers).admin();
    await admin.createTopics({ topics: [{ topic: 't', numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
    await produce(first.brokers, ['a', 'b', 'c']);
    expect(await readdir(join(dir, 'log'))).toContain('t-0');
    await expect(startKafka({ dataDir: dir, port: 0 })).rejects.toThrow(DataDirInUseError);
    first.kill('SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });

    const second = await startKafka({ dataDir: dir, port: 0 });
    expect(await consume(second.brokers, 3)).toEqual(['a', 'b', 'c']);
    process.kill(await parentOf(second.pid), 'SIGKILL');
    expect(await second.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await gone(second.pid);
    await second.stop();
  });

  it('refuses a folder with a comma in its path, which Kafka takes for two', async () => {
    await expect(startKafka({ dataDir: join(dir, 'a,b'), port: 0 })).rejects.toThrow(DataDirNameError);
  });

  it('leaves no Java behind when its parent is killed, nor a broker on its folder when its guard was too', async () => {
    const orphan = await startUnderParent();
    // Stopped, the parent cannot end the broker in its guard's place.
    orphan.parent.kill('SIGSTOP');
    process.kill(orphan.guard, 'SIGKILL');
    orphan.parent.kill('SIGKILL');
    expect(isAlive(orphan.java)).toBe(true);

    const next = await startUnderParent();
    expect(isAlive(orphan.java)).toBe(false);
    expect(await readFile(`/proc/${next.java}/cmdline`, 'utf8')).toContain('kafka.Kafka');
    next.parent.kill('SIGKILL');
    await gone(next.java);
    await gone(next.guard);
  });

  it('says what is in the way', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    await expect(startKafka({ dataDir: dir, port })).rejects.toThrow(PortInUseError);
    holder.close();

    await mkdir(join(dir, 'orphan/log/events.v1-0'), { recursive: true });
    const orphaned = startKafka({ dataDir: join(dir, 'orphan'), port: 0 });
    await expect(orphaned).rejects.toThrow(DataDirDamagedError);

    await mkdir(join(dir, 'strange/log'), { recursive: true });
    await writeFile(join(dir, 'strange/log/meta.properties'), 'version=1\nnode.id=7\ncluster.id=other\n');
    const strange = startKafka({ dataDir: join(dir, 'strange'), port: 0 });
    await expect(strange).rejects.toThrow(
      /^Kafka did not start: it ended at once \(Stored node id 7 doesn't match/,
    );

    await writeFile(join(dir, 'file'), '');
    await expect(startKafka({ dataDir: join(dir, 'file'), port: 0 })).rejects.toThrow(DataDirError);

    const javaHome = process.env.JAVA_HOME;
    process.env.JAVA_HOME = join(dir, 'nowhere');
    await expect(startKafka({ dataDir: dir, port: 0 })).rejects.toThrow(JavaMissingError);
    if (javaHome === undefined) delete process.env.JAVA_HOME;
    else process.env.JAVA_HOME = javaHome;
  });
});
