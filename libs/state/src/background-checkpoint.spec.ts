import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS, type Topic } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaConnection,
  kafkaLogs,
  readPartition,
  type LogRecord,
} from '@tributary/kafka';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { committing } from '../test/processor.fixture.js';
import { Processor } from './processor.js';

interface Count {
  readonly n: number;
}

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('background') });
const producer = new BatchingProducer(connection);
const topic = (like: Topic): Topic => ({ ...like, name: uniqueName('background') });
const [input, changelog] = [topic(TOPICS.events), topic(TOPICS.fragmentsState)];
let dataDir = '';

beforeAll(async () => {
  await producer.connect();
  await ensureTopics(connection, [input, changelog], { partitions: 1, replication: 1 });
  dataDir = await mkdtemp(join(tmpdir(), 'background-'));
});
afterAll(async () => {
  await producer.disconnect();
  await rm(dataDir, { recursive: true, force: true });
});

const counted = (key: string, offset: number): LogRecord => ({
  ...{ topic: input.name, partition: 0, key, offset, headers: {}, timestamp: 0 },
  value: Buffer.from('+1'),
});

describe('a checkpoint that takes long', () => {
  it('holds the states of its beginning, and steps go on', async () => {
    const held = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const logs = kafkaLogs(connection, producer);
    const fatal: unknown[] = [];
    const counts: Record<string, number> = {};
    const processor = new Processor<Count>({
      name: 'counting',
      dataDir,
      logs: {
        ...logs,
        send: async (records) => {
          if (records.some(({ topic: to, key }) => to === changelog.name && key === 'a')) {
            begun.resolve(undefined);
            await held.promise;
          }
          return logs.send(records);
        },
      },
      inputs: [input.name],
      changelog,
      processor: ({ state }) => ({
        handle: ({ topic: from, records }) => {
          for (const { key, offset } of records) {
            counts[key] = (state.get(key)?.n ?? 0) + 1;
            state.set(key, { n: counts[key] }, from, offset);
          }
          return [];
        },
      }),
      checkpointEveryMs: 0,
      changelogEveryMs: 0,
      onFatal: (error) => fatal.push(error),
    });
    const { committed, commit } = committing(input.name);
    await processor.assigned(0, commit);
    const hand = (records: readonly LogRecord[], endOffset: number) =>
      processor.handle({
        topic: input.name,
        partition: 0,
        records: [...records],
        endOffset,
        logEnd: endOffset,
      });
    await hand([counted('a', 0), counted('b', 1)], 2);
    await begun.promise;
    await hand([counted('a', 2), counted('c', 3)], 4);
    expect(counts).toEqual({ a: 2, b: 1, c: 1 });
    expect(committed).toEqual([]);
    held.resolve(undefined);
    await eventually(() => committed.includes(4));
    expect(committed).toEqual([2, 4]);
    const written: string[] = [];
    await readPartition(connection, { topic: changelog.name, partition: 0, from: 0 }, ({ key, value }) => {
      const { state } = JSON.parse(String(value)) as { state?: Count };
      if (state) written.push(`${key} ${state.n}`);
    });
    expect(written).toEqual(['a 1', 'b 1', 'a 2', 'c 1']);
    await processor.revoked(0);
    expect(fatal).toEqual([]);
  });
});
