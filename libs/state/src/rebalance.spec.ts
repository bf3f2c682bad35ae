import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS, type Topic } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaConnection,
  PartitionMovedError,
  readRanges,
  type PartitionBatch,
} from '@tributary/kafka';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessorGroup } from './processor-group.js';

interface Count {
  readonly n: number;
}

const PARTITIONS = 6;
const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('moves') });
const producer = new BatchingProducer(connection);
const topic = (like: Topic): Topic => ({ ...like, name: uniqueName('moves') });
const [input, output, changelog] = [
  topic(TOPICS.events),
  topic(TOPICS.changes),
  topic(TOPICS.fragmentsState),
];
const layout = { partitions: PARTITIONS, replication: 1 };
const groups: ProcessorGroup<Count>[] = [];
const fatal: unknown[] = [];
let dataDir = '';

beforeAll(async () => {
  await producer.connect();
  await ensureTopics(connection, [input, output, changelog], layout);
});
afterAll(async () => {
  await producer.disconnect();
  await connection.close();
});
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'moves-'));
});
afterEach(async () => {
  for (const group of groups.splice(0)) await end(group);
  await rm(dataDir, { recursive: true, force: true });
});

async function end(group: ProcessorGroup<Count>): Promise<void> {
  await group.strategy.close();
  await group.onApplicationShutdown();
}

/** A member with a disk of its own, which counts the records of each key and says each new count. */
async function member(groupId: string, name: string) {
  const opened: number[] = [];
  const group = new ProcessorGroup<Count>({
    ...{ name: 'moves', groupId, transportId: Symbol(name), connection, layout, changelog },
    inputs: [input.name],
    dataDir: join(dataDir, name),
    checkpointEveryMs: 100,
    onFatal: (error) => fatal.push(error),
    processor: ({ partition, state }) => {
      opened.push(partition);
      return {
        handle: ({ topic: from, records }: PartitionBatch) => {
          const counts = records.flatMap(({ key, offset }) => {
            if (state.isFolded(key, from, offset)) return [];
            const n = (state.get(key)?.n ?? 0) + 1;
            state.set(key, { n }, from, offset);
            return [{ topic: output.name, partition, key, value: String(n) }];
          });
          return [counts];
        },
      };
    },
  });
  groups.push(group);
  await group.producer.connect();
  group.strategy.addHandler(input.name, (batch: PartitionBatch) => group.processor.handle(batch), true);
  await new Promise<void>((resolve, reject) => {
    group.strategy.listen((error) => {
      if (error instanceof Error) reject(error);
      else resolve();
    });
  });
  return { group, opened };
}

async function write(times: number): Promise<void> {
  const keys = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, key: `k${partition}` }));
  for (let i = 0; i < times; i += 1)
    await producer.send(keys.map((of) => ({ topic: input.name, ...of, value: '+1' })));
}

/** What was said of each key, in order. */
async function said(): Promise<ReadonlyMap<string, readonly number[]>> {
  const counts = new Map<string, number[]>();
  const ranges = new Map(Array.from({ length: PARTITIONS }, (_, p) => [p, { from: 0, to: Infinity }]));
  await readRanges(connection, output.name, ranges, ({ key, value }) => {
    counts.set(key, [...(counts.get(key) ?? []), Number(String(value))]);
  });
  return counts;
}

const counted = (upTo: number) => async () => {
  const last = [...(await said()).values()].map((counts) => counts.at(-1));
  return last.length === PARTITIONS && last.every((count) => count === upTo);
};

describe('a processor through rebalances', () => {
  it('restores a partition only where it moved, and counts each event once, on which member ever it is', async () => {
    const groupId = uniqueName('moves');
    const members = [await member(groupId, 'first')];
    const shares = () => members.map(({ group }) => group.processor.partitions.length).join(' ');
    await write(3);
    await eventually(counted(3));
    for (const [name, wanted] of [
      ['second', '3 3'],
      ['third', '2 2 2'],
    ] as const) {
      members.push(await member(groupId, name));
      // While the group finds its order: some of it is handled before, some by another member.
      await write(2);
      await eventually(() => shares() === wanted);
      await write(1);
      await eventually(counted(members.length * 3));
    }
    expect(members.map(({ opened }) => opened.length)).toEqual([6, 3, 2]);
    for (const counts of (await said()).values())
      expect([...new Set(counts)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(fatal).toEqual([]);
  });

  it('handles no batch of a partition that moved away', async () => {
    const { group } = await member(uniqueName('moves'), 'alone');
    await group.strategy.close();
    const batch = { topic: input.name, partition: 0, records: [], endOffset: 1, logEnd: 1 };
    await expect(group.processor.handle(batch)).rejects.toBeInstanceOf(PartitionMovedError);
  });
});
