import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { setImmediate } from 'node:timers/promises';
import { newTopic, silentReaders, write } from '../test/logs.fixture.js';
import { KafkaConnection } from './connection.js';
import { GroupConsumer } from './group-consumer.js';
import { readPartition, readRanges } from './log-reader.js';
import { PartitionReader } from './partition-reader.js';
import { BatchingProducer } from './producer.js';
import { TopicFollower } from './topic-follower.js';
import { logBounds } from './topics.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('readers') });
const following: TopicFollower[] = [];

afterEach(async () => {
  await Promise.all(following.splice(0).map((follower) => follower.stop()));
});

function follow(topic: string) {
  const seen: string[] = [];
  const follower = new TopicFollower(connection, { name: topic }, ({ partition, value }) => {
    seen.push(`${partition} ${String(value)}`);
  });
  following.push(follower);
  return { follower, seen };
}

async function keysIn(topic: string, from = 0) {
  const found: string[] = [];
  const end = await readPartition(connection, { topic, partition: 0, from }, ({ key, offset }) => {
    found.push(`${offset} ${key}`);
  });
  return { found, end };
}

async function newCompactedTopic(): Promise<string> {
  const topic = uniqueName('compacted');
  const settings = {
    'cleanup.policy': 'compact',
    'segment.ms': '100',
    'min.cleanable.dirty.ratio': '0.001',
    'min.compaction.lag.ms': '0',
    'max.compaction.lag.ms': '100',
  };
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  await connection.withAdmin((admin) =>
    admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic, numPartitions: 1, replicationFactor: 1, configEntries }],
    }),
  );
  await logBounds(connection, topic);
  return topic;
}

/** What a group gets of it that has never committed. */
async function consumed(topic: string, atLeast: number): Promise<readonly string[]> {
  const found: string[] = [];
  const onFatal = (error: unknown) => found.push(String(error));
  const consumer = new GroupConsumer({ connection, groupId: topic, topics: [topic], onFatal }, (batch) => {
    found.push(...batch.records.map(({ offset, key }) => `${offset} ${key}`));
    return Promise.resolve();
  });
  await consumer.start();
  await eventually(() => found.length >= atLeast);
  await consumer.close();
  return found;
}

describe('a reader without a group', () => {
  it('reads a compacted topic over what is gone, as a group does: records in a batch, the end of one, whole ones', async () => {
    const topic = await newCompactedTopic();
    // The broker keeps the last batch of such a producer, without records when they are gone.
    const idempotent = connection.client.producer({ idempotent: true });
    await idempotent.connect();
    await idempotent.send({ topic, messages: ['c', 'd'].map((key) => ({ key, value: '1' })) });
    await idempotent.disconnect();
    const producer = new BatchingProducer(connection);
    await producer.connect();
    const put = (...keys: readonly string[]) =>
      producer.send(keys.map((key) => ({ topic, partition: 0, key, value: '2' })));
    await put('a', 'b', 'c', 'd');
    await put('c', 'd');
    const first = await keysIn(topic);
    expect(first).toEqual({
      found: ['0 c', '1 d', '2 a', '3 b', '4 c', '5 d', '6 c', '7 d'],
      end: 8,
    });
    // Each begins a segment, and ends the one before it.
    const compacted = async () => {
      await put('z');
      return (await keysIn(topic)).found.filter((found) => !found.endsWith('z'));
    };
    const left = await eventually(compacted, { until: ({ length }) => length === 4, withinMs: 50_000 });
    await producer.disconnect();
    expect(left).toEqual(['2 a', '3 b', '6 c', '7 d']);
    for (const from of [1, 3, 4, 5]) {
      expect((await keysIn(topic, from)).found.slice(0, 2)).toEqual(
        left.filter((found) => Number.parseInt(found) >= from).slice(0, 2),
      );
    }
    expect(await readPartition(connection, { topic, partition: 0, from: 4, to: 6 }, () => undefined)).toBe(6);
    expect((await consumed(topic, left.length)).slice(0, 4)).toEqual(left);
  });

  it('leaves no group behind, and joins none', async () => {
    const groups = () => connection.withAdmin(async (admin) => (await admin.listGroups()).groups);
    const before = await groups();
    const topic = await newTopic(connection, 2);
    await write(connection, topic, 0, ['a']);
    const { follower, seen } = follow(topic);
    await follower.start();
    await readPartition(connection, { topic, partition: 0, from: 0 }, () => undefined);
    expect(seen).toEqual(['0 a']);
    const known = new Set(before.map(({ groupId }) => groupId));
    const new_ = (await groups()).filter(({ groupId }) => !known.has(groupId));
    expect(
      new_.map(({ groupId }) => groupId).filter((id) => id.includes(connection.options.clientId)),
    ).toEqual([]);
    expect(new_.map(({ groupId }) => groupId)).not.toContain('tributary-no-group');
  });

  it('follows a topic that is made after it began', async () => {
    const topic = uniqueName('later');
    const { follower, seen } = follow(topic);
    const started = follower.start();
    await setImmediate();
    await connection.withAdmin((admin) =>
      admin.createTopics({
        waitForLeaders: false,
        topics: [{ topic, numPartitions: 1, replicationFactor: 1 }],
      }),
    );
    await started;
    await write(connection, topic, 0, ['a']);
    await eventually(() => seen.length > 0);
    expect(seen).toEqual(['0 a']);
  });

  it('reads many partitions, and hands over one record at a time', async () => {
    const topic = await newTopic(connection, 32);
    const partitions = Array.from({ length: 32 }, (_, p) => p);
    const producer = new BatchingProducer(connection);
    await producer.connect();
    await producer.send(
      partitions.flatMap((partition) =>
        ['a', 'b', 'c'].map((value) => ({ topic, partition, key: 'k', value })),
      ),
    );
    await producer.disconnect();
    const read = new Map<number, string>();
    let atOnce = 0;
    const ranges = new Map(partitions.map((p) => [p, { from: 0, to: Infinity }]));
    const ends = await readRanges(connection, topic, ranges, async ({ partition, value }) => {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await setImmediate();
      read.set(partition, `${read.get(partition) ?? ''}${String(value)}`);
      atOnce -= 1;
    });
    expect([...read.values()]).toEqual(partitions.map(() => 'abc'));
    expect([...ends.values()]).toEqual(partitions.map(() => 3));
  });

  it('closes while it waits for a broker that does not answer, and hands nothing more over', async () => {
    const topic = await newTopic(connection, 1);
    const { connection: watched, silenceAll } = silentReaders();
    const seen: unknown[] = [];
    const reader = new PartitionReader({
      ...{ connection: watched, topic, starts: new Map([[0, 0]]) },
      onRecord: (record) => void seen.push(record),
      onFatal: (error) => seen.push(error),
    });
    await silenceAll();
    await write(connection, topic, 0, ['a']);
    await reader.close();
    expect(seen).toEqual([]);
  });

  it('closes when the record that is being handled is done, and hands over none behind it', async () => {
    const topic = await newTopic(connection, 1);
    await write(connection, topic, 0, ['a', 'b', 'c']);
    const [isAt, mayGoOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const done: number[] = [];
    const reader = new PartitionReader({
      ...{ connection, topic, starts: new Map([[0, 0]]) },
      onRecord: async ({ offset }) => {
        isAt.resolve(undefined);
        await mayGoOn.promise;
        done.push(offset);
      },
      onFatal: (error) => done.push(error as never),
    });
    await isAt.promise;
    const closed = reader.close();
    mayGoOn.resolve(undefined);
    await closed;
    expect(done).toEqual([0]);
    expect(reader.positions).toEqual(new Map([[0, 1]]));
  });
});
