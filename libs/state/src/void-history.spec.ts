import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS, type Topic } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaConnection,
  kafkaLogs,
  readPartition,
  type LogRecord,
} from '@tributary/kafka';
import { kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyedState } from './keyed-state.js';
import { committing } from '../test/processor.fixture.js';
import { Processor } from './processor.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('void') });
const producer = new BatchingProducer(connection);
const topic = (like: Topic): Topic => ({ ...like, name: uniqueName('void') });
const [input, output, changelog] = [
  topic(TOPICS.events),
  topic(TOPICS.changes),
  topic(TOPICS.fragmentsState),
];
const opened: Processor<{ readonly n: number }>[] = [];
let dataDir = '';

beforeAll(async () => {
  await producer.connect();
  await ensureTopics(connection, [input, output, changelog], { partitions: 1, replication: 1 });
});
afterAll(() => producer.disconnect());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'void-'));
});
afterEach(async () => {
  for (const processor of opened) await processor.revoked(0);
  await rm(dataDir, { recursive: true, force: true });
});

/** A worker that counts the records of each key, on a disk of this name. */
async function worker(disk: string, checkpoints: 'always' | 'never' = 'always') {
  const states: KeyedState<{ readonly n: number }>[] = [];
  const processor = new Processor<{ readonly n: number }>({
    ...{ name: 'counting', logs: kafkaLogs(connection, producer), inputs: [input.name], changelog },
    ...(checkpoints === 'always' ? { checkpointEveryMs: 0 } : { checkpointEveryMs: 1_000, now: () => 0 }),
    dataDir: join(dataDir, disk),
    onFatal: (error) => {
      throw error;
    },
    processor: ({ state }) => {
      states.push(state);
      return {
        handle: ({ topic: from, records }) => {
          for (const { key, offset } of records) {
            if (!state.isFolded(key, from, offset))
              state.set(key, { n: (state.get(key)?.n ?? 0) + 1 }, from, offset);
          }
          return [[{ topic: output.name, partition: 0, key: disk, value: 'folded' }]];
        },
      };
    },
  });
  const starts = await processor.assigned(0, committing(input.name).commit);
  opened.push(processor);
  const start = starts.get(input.name) ?? -1;
  const fold = async (to?: number) => {
    const records: LogRecord[] = [];
    const range = { topic: input.name, partition: 0, from: start, ...(to === undefined ? {} : { to }) };
    const end = await readPartition(connection, range, (record) => {
      records.push(record);
    });
    await processor.handle({ topic: input.name, partition: 0, records, endOffset: end, logEnd: end });
  };
  return { processor, start, fold, countOf: (key: string) => states.at(-1)?.get(key)?.n };
}

describe('a disk whose records are void', () => {
  it('begins where an owner began that had none of them, and loses nothing that this one did not fold', async () => {
    const write = (...keys: readonly string[]) =>
      producer.send(keys.map((key) => ({ topic: input.name, partition: 0, key, value: '+1' })));
    const first = await worker('first');
    // A claim that came late, of a worker that had lost the partition by then.
    await (await worker('late')).processor.revoked(0);
    await write('ann', 'bob', 'ann');
    await first.fold();
    await first.processor.revoked(0);

    const second = await worker('second', 'never');
    expect(second.start).toBe(0);
    // What it says of the keys in the void is that it knows nothing of them, yet.
    await second.fold(1);

    const again = await worker('first');
    expect(again.start).toBe(0);
    await write('ann');
    await again.fold();
    expect([again.countOf('ann'), again.countOf('bob')]).toEqual([3, 1]);
  });
});
