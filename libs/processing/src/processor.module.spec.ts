import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { TOPICS, type DeadLetterMessage } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaConnection,
  readPartition,
  TopicFollower,
  type LogRecord,
} from '@tributary/kafka';
import { readSettings, startService, type CommonConfig, type RunningService } from '@tributary/service';
import type { Phases } from '@tributary/state';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import { KafkaModule } from './kafka.module.js';
import type { Definitions } from './processor-declaration.js';
import { ProcessorModule } from './processor.module.js';

const topic = (name: string) => ({ ...TOPICS.events, name: uniqueName(name) });
const [words, phrases, greetings] = [topic('words'), topic('phrases'), topic('greetings')];
const name = uniqueName('greeter');
const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('spec') });
const producer = new BatchingProducer(connection);
const layout = { partitions: 8, replication: 1 };

/** The last greeting that was put; it cannot read one that is empty. */
class LastGreeting implements Definitions {
  greeting = 'hello';
  readonly #follower: TopicFollower;
  #onChange: () => Promise<void> = () => Promise.resolve();

  constructor(
    of: KafkaConnection,
    onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    this.#follower = new TopicFollower(
      of,
      greetings,
      async (record) => {
        const text = String(record.value);
        if (text === '') return onUnreadable(record, 'it greets nobody');
        this.greeting = text;
        await this.#onChange();
      },
      { onFatal },
    );
  }

  async start(onChange: () => Promise<void>): Promise<void> {
    await this.#follower.start();
    this.#onChange = onChange;
  }

  stop(): Promise<void> {
    return this.#follower.stop();
  }
}

const Greeter = ProcessorModule.register<CommonConfig, { readonly greeted: number }, LastGreeting>({
  name,
  groupId: name,
  inputs: [{ topic: words, validate: ({ value }) => (String(value) === '' ? 'it is empty' : undefined) }],
  publishes: [phrases],
  cacheBytes: () => 10_000,
  definitions: { name: `${name}-greeting`, follow: (...given) => new LastGreeting(...given) },
  processor:
    ({ definitions }) =>
    () => ({
      handle: ({ records }): Phases => [
        records.map(({ key, value }) => ({
          topic: phrases.name,
          key,
          value: `${definitions.greeting} ${String(value)}`,
        })),
      ],
      redefined: (): Phases => [[{ topic: phrases.name, key: 'redefined', value: definitions.greeting }]],
    }),
});

@Module({ imports: [KafkaModule.register({ clientId: name }), Greeter] })
class GreeterModule {}

let dataDir: string;
let service: RunningService | undefined;

async function start(): Promise<RunningService> {
  const settings = Type.Object({});
  const read = readSettings(settings, {
    KAFKA_BROKERS: kafkaBrokers().join(','),
    CLICKHOUSE_URL: 'http://127.0.0.1:1',
    TRIBUTARY_DATA: dataDir,
    LOG_LEVEL: 'silent',
  });
  if (!read.ok) throw new Error(read.error.join('\n'));
  return startService({ name, settings, module: () => GreeterModule, listen: { port: () => 0 } }, read.value);
}

async function valuesOf({ name: of }: typeof words): Promise<readonly string[]> {
  const found: string[] = [];
  for (let partition = 0; partition < layout.partitions; partition += 1)
    await readPartition(connection, { topic: of, partition, from: 0 }, ({ value }) => {
      found.push(String(value));
    });
  return found;
}

const put = (to: typeof words, value: string) => producer.send([{ topic: to.name, key: 'k', value }]);
const metrics = async () => (await fetch(`${service?.url ?? ''}/metrics`)).text();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'declared-'));
  await ensureTopics(connection, [words, phrases, greetings, TOPICS.deadLetters], layout);
  await producer.connect();
});
afterEach(async () => {
  await service?.close();
  service = undefined;
});
afterAll(async () => {
  await producer.disconnect();
  await rm(dataDir, { recursive: true, force: true });
});

describe('a declared processor', () => {
  it('folds what comes in by the definitions that were there before, and goes on where it was', async () => {
    await put(greetings, 'good morning');
    await put(words, 'Ada');
    service = await start();
    await eventually(() => valuesOf(phrases), { until: ({ length }) => length === 1 });
    await service.close();
    await put(words, 'Grace');
    service = await start();
    await eventually(() => valuesOf(phrases), { until: ({ length }) => length > 1 });
    expect(await valuesOf(phrases)).toEqual(['good morning Ada', 'good morning Grace']);
    expect(await service.health.look()).not.toMatchObject({ kafka: { status: 'down' } });
  });

  it('hears of a definition that changes, in every partition that it has', async () => {
    service = await start();
    const before = (await valuesOf(phrases)).length;
    await put(words, 'Alan');
    await eventually(() => valuesOf(phrases), { until: ({ length }) => length === before + 1 });
    await put(greetings, 'good evening');
    const after = await eventually(() => valuesOf(phrases), {
      until: (values) => values.filter((value) => value === 'good evening').length >= layout.partitions,
    });
    expect(after).toContain('good morning Alan');
  });

  it('keeps what it, or who reads its definitions, cannot read as dead letters, and counts them', async () => {
    service = await start();
    await put(words, '');
    await put(greetings, '');
    const counted = await eventually(metrics, {
      until: (text) => text.includes(`processor="${name}"`) && text.includes(`processor="${name}-greeting"`),
    });
    expect(counted).toMatch(new RegExp(`tributary_dead_letters_total\\{processor="${name}",.*\\} 1\n`));
    const letters: string[] = [];
    for (let partition = 0; partition < layout.partitions; partition += 1)
      await readPartition(connection, { topic: TOPICS.deadLetters.name, partition, from: 0 }, ({ value }) => {
        const letter = JSON.parse(String(value)) as DeadLetterMessage;
        if (letter.processor.startsWith(name)) letters.push(`${letter.processor}: ${letter.error}`);
      });
    expect(letters.sort()).toEqual([`${name}-greeting: it greets nobody`, `${name}: it is empty`]);
  });
});
