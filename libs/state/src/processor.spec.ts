import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS, type Topic } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaConnection,
  kafkaLogs,
  logBounds,
  readPartition,
  type LogRecord,
} from '@tributary/kafka';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TakenOverError } from './partition-store.js';
import { committing, dropRecords, lastRecordOf } from '../test/processor.fixture.js';
import { Processor } from './processor.js';
import type { PartitionContext, PartitionProcessor } from './processor-options.js';

interface Count {
  readonly n: number;
}

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('processor') });
const producer = new BatchingProducer(connection);
const topic = (like: Topic): Topic => ({ ...like, name: uniqueName('processor') });
let input: Topic = TOPICS.events;
let changelog: Topic = TOPICS.fragmentsState;
let output: Topic = TOPICS.changes;
let dataDir = '';
let contexts: PartitionContext<Count>[] = [];
let fatal: unknown[] = [];
const opened: Processor<Count>[] = [];

beforeAll(() => producer.connect());
afterAll(() => producer.disconnect());
beforeEach(async () => {
  [input, changelog, output] = [topic(TOPICS.events), topic(TOPICS.fragmentsState), topic(TOPICS.changes)];
  await ensureTopics(connection, [input, changelog, output], { partitions: 1, replication: 1 });
  dataDir = await mkdtemp(join(tmpdir(), 'processor-'));
  [contexts, fatal] = [[], []];
});
afterEach(async () => {
  for (const processor of opened.splice(0)) await processor.revoked(0);
  await rm(dataDir, { recursive: true, force: true });
  expect(fatal).toEqual([]);
});

/** Counts the records of each key, and says each new count. */
function counting(context: PartitionContext<Count>): PartitionProcessor {
  contexts.push(context);
  const { state } = context;
  return {
    handle: ({ topic: from, records }) => {
      const fresh = records.filter(({ key, offset }) => {
        if (state.isFolded(key, from, offset)) return false;
        state.set(key, { n: (state.get(key)?.n ?? 0) + 1 }, from, offset);
        return true;
      });
      return [
        fresh.map(({ key }) => ({ topic: output.name, partition: 0, key, value: String(state.get(key)?.n) })),
      ];
    },
  };
}

function newProcessor(
  options: Partial<ConstructorParameters<typeof Processor<Count>>[0]> = {},
): Processor<Count> {
  const processor = new Processor<Count>({
    name: 'counting',
    dataDir,
    logs: kafkaLogs(connection, producer),
    inputs: [input.name],
    changelog,
    processor: counting,
    checkpointEveryMs: 0,
    changelogEveryMs: 0,
    onFatal: (error) => fatal.push(error),
    ...options,
  });
  opened.push(processor);
  return processor;
}

async function write(keys: readonly string[]): Promise<void> {
  await producer.send(keys.map((key) => ({ topic: input.name, partition: 0, key, value: '+1' })));
}

/** Hands what is in the input from `start` on to the processor, as the consumer group does. */
async function fold(processor: Processor<Count>, start: number): Promise<void> {
  const records: LogRecord[] = [];
  const range = { topic: input.name, partition: 0, from: start };
  const end = await readPartition(connection, range, (record) => void records.push(record));
  await processor.handle({ topic: input.name, partition: 0, records, endOffset: end, logEnd: end });
  await processor.settled();
}

async function assign(processor: Processor<Count>): Promise<number> {
  return (await processor.assigned(0, committing(input.name).commit)).get(input.name) ?? -1;
}

const lastOf = (of: Topic, key: string) => lastRecordOf(connection, of, key);

const counts = () =>
  Object.fromEntries([...(contexts.at(-1)?.state.all() ?? [])].map(({ key, state }) => [key, state.n]));

describe('Processor', () => {
  it('starts a new partition at the beginning, and commits to the group what is checkpointed', async () => {
    const { committed, commit } = committing(input.name);
    const processor = newProcessor();
    expect(await processor.assigned(0, commit)).toEqual(new Map([[input.name, 0]]));
    expect(contexts[0]?.tablesBehind).toBeUndefined();
    await write(['a', 'b', 'a']);
    await fold(processor, 0);
    expect(counts()).toEqual({ a: 2, b: 1 });
    expect(committed).toEqual([3]);
    expect(processor.partitions).toEqual([0]);
  });

  it('goes on from the checkpoint on its disk', async () => {
    const first = newProcessor();
    await assign(first);
    await write(['a', 'b', 'a']);
    await fold(first, 0);
    await first.revoked(0);
    const second = newProcessor();
    const start = await assign(second);
    expect(start).toBe(3);
    expect(contexts.at(-1)?.tablesBehind).toBeUndefined();
    await write(['a']);
    await fold(second, start);
    expect(counts()).toEqual({ a: 3, b: 1 });
  });

  it('rebuilds from the changelog alone when the disk is gone, and counts nothing twice', async () => {
    const first = newProcessor();
    await assign(first);
    await write(['a', 'b', 'a']);
    await fold(first, 0);
    await first.revoked(0);
    await rm(dataDir, { recursive: true });
    const second = newProcessor();
    const start = await assign(second);
    expect(start).toBe(3);
    expect(contexts.at(-1)?.tablesBehind).toEqual({});
    expect(counts()).toEqual({ a: 2, b: 1 });
    await fold(second, 0);
    await write(['b']);
    await fold(second, start);
    expect(counts()).toEqual({ a: 2, b: 2 });
  });

  it('skips what a key already holds when its state ran ahead of the marker', async () => {
    await write(['a', 'a', 'b']);
    const ahead = { workspaceId: '@', offsets: { [input.name]: 2 }, state: { n: 2 } };
    await producer.send([{ topic: changelog.name, partition: 0, key: 'a', value: JSON.stringify(ahead) }]);
    const processor = newProcessor();
    const start = await assign(processor);
    expect(start).toBe(0);
    await fold(processor, start);
    expect(counts()).toEqual({ a: 2, b: 1 });
  });

  it('refuses the checkpoint of one that was taken over without closing', async () => {
    const old = newProcessor();
    await assign(old);
    await write(['a', 'b']);
    await fold(old, 0);
    const owner = newProcessor();
    const start = await assign(owner);
    expect(start).toBe(2);
    await write(['a']);
    await fold(owner, start);
    const { end } = (await logBounds(connection, changelog.name)).get(0) ?? { end: -1 };
    await expect(fold(old, start)).rejects.toBeInstanceOf(TakenOverError);
    expect((await logBounds(connection, changelog.name)).get(0)?.end).toBe(end);
    expect(counts()).toEqual({ a: 2, b: 1 });
  });

  it('writes again what another wrote behind its back, so that compaction keeps its own', async () => {
    const processor = newProcessor();
    const start = await assign(processor);
    await write(['a', 'a', 'b']);
    await fold(processor, start);
    const stale = { workspaceId: '@', offsets: { [input.name]: 1 }, state: { n: 1 } };
    await producer.send([{ topic: changelog.name, partition: 0, key: 'a', value: JSON.stringify(stale) }]);
    await write(['b']);
    await fold(processor, 3);
    expect(await lastOf(changelog, 'a')).toMatchObject({ state: { n: 2 } });
    expect(await lastOf(changelog, 'b')).toMatchObject({ state: { n: 2 } });
    const { end } = (await logBounds(connection, changelog.name)).get(0) ?? { end: -1 };
    await write(['b']);
    await fold(processor, 4);
    expect((await logBounds(connection, changelog.name)).get(0)?.end).toBe(end + 2);
  });

  it('follows nothing that a former owner writes behind the epoch record of the next, and writes its keys again', async () => {
    const former = newProcessor({ dataDir: join(dataDir, 'former') });
    await assign(former);
    await write(['a', 'a']);
    await fold(former, 0);
    const next = newProcessor({ dataDir: join(dataDir, 'next') });
    const start = await assign(next);
    await write(['a']);
    await fold(next, start);
    await former.handle({ topic: input.name, partition: 0, records: [], endOffset: 1, logEnd: 1 });
    const stale = { workspaceId: '@', offsets: { [input.name]: 1 }, state: { n: 1 } };
    const late = { topic: changelog.name, partition: 0, key: 'a', value: JSON.stringify(stale) };
    await producer.send([{ ...late, headers: { epoch: '0' } }]);

    const third = newProcessor({ dataDir: join(dataDir, 'third') });
    expect(await assign(third)).toBe(3);
    expect(counts()).toEqual({ a: 3 });
    await write(['b']);
    await fold(third, 3);
    expect(await lastOf(changelog, 'a')).toMatchObject({ state: { n: 3 } });
  });

  it('says again of a topic that it owns what another wrote there', async () => {
    const counts = (context: PartitionContext<Count>): PartitionProcessor => ({
      ...counting(context),
      republish: (from, key) => {
        const count = context.state.get(key);
        return count && { topic: from, key, value: String(count.n) };
      },
    });
    const repaired: unknown[] = [];
    const processor = newProcessor({
      processor: counts,
      owns: [output.name],
      onRepaired: (what) => repaired.push(what),
    });
    await assign(processor);
    await write(['a', 'a']);
    await fold(processor, 0);
    const stale = ['a', 'z'].map((key) => ({ topic: output.name, partition: 0, key, value: '1' }));
    await producer.send(stale);
    await write(['b']);
    await fold(processor, 2);
    expect(await lastOf(output, 'a')).toBe(2);
    expect(repaired).toEqual([{ topic: output.name, partition: 0, keys: 1 }]);
  });

  it.each(['the disk', 'nothing'] as const)(
    'stops when the beginning of its changelog is gone, with %s left',
    async (left) => {
      const first = newProcessor();
      await assign(first);
      await write(['a', 'b']);
      await fold(first, 0);
      await first.revoked(0);
      if (left === 'nothing') await rm(dataDir, { recursive: true });
      await assign(newProcessor({ dataDir: join(dataDir, 'another') }));
      await opened.at(-1)?.handle({ topic: input.name, partition: 0, records: [], endOffset: 2, logEnd: 2 });
      const { end } = (await logBounds(connection, changelog.name)).get(0) ?? { end: 0 };
      await dropRecords(connection, changelog.name, end);
      await expect(assign(newProcessor())).rejects.toMatchObject({
        name: 'LostRangeError',
        topic: changelog.name,
        to: end,
      });
      opened.pop();
    },
  );

  it('keeps nothing of a fold whose outputs were not published', async () => {
    const refused = new Error('not published');
    let isRefusing = false;
    const picky = new BatchingProducer(connection, {
      beforeSend: () => {
        if (isRefusing) throw refused;
      },
    });
    await picky.connect();
    const { committed, commit } = committing(input.name);
    const first = newProcessor({ logs: kafkaLogs(connection, picky), checkpointEveryMs: 60_000 });
    await first.assigned(0, commit);
    await write(['a']);
    isRefusing = true;
    await expect(fold(first, 0)).rejects.toBe(refused);
    await expect(fold(first, 0)).rejects.toBe(refused);
    expect([committed, fatal.splice(0)]).toEqual([[], [refused]]);
    isRefusing = false;
    const second = newProcessor();
    const start = await assign(second);
    expect(start).toBe(0);
    await fold(second, start);
    expect(counts()).toEqual({ a: 1 });
    await first.revoked(0);
    await picky.disconnect();
  });

  it('publishes what follows from a batch before it is checkpointed', async () => {
    const published: string[] = [];
    const processor = newProcessor();
    await processor.assigned(0, async () => {
      await readPartition(connection, { topic: output.name, partition: 0, from: 0 }, (record) => {
        published.push(`${record.key} ${record.value?.toString('utf8') ?? ''}`);
      });
    });
    await write(['a']);
    await fold(processor, 0);
    expect(published).toEqual(['a 1']);
  });

  it('calls a processor at the instant for which it asked', async () => {
    const woken: number[] = [];
    const processor = newProcessor({
      processor: (context) => ({
        handle: () => [],
        restored: () => {
          context.wakeAt(Date.now() + 20);
          return [];
        },
        wake: () => (woken.push(1), []),
      }),
    });
    await assign(processor);
    await eventually(() => woken.length > 0);
    expect(woken).toEqual([1]);
  });
});
