import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { KafkaConnection } from './connection.js';
import { GroupConsumer } from './group-consumer.js';
import { LostRangeError } from './kafka.errors.js';
import { newTopic } from '../test/logs.fixture.js';
import type { CommitOffsets, PartitionOwner } from './partition-owner.js';
import { BatchingProducer } from './producer.js';
import { logBounds } from './topics.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('group') });
const running = new Set<GroupConsumer>();

afterEach(async () => {
  await Promise.all([...running].map((consumer) => consumer.close()));
  running.clear();
});

const newTopics = (count: number, numPartitions: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => newTopic(connection, numPartitions)));

async function write(topics: readonly string[], partitions: readonly number[], count: number): Promise<void> {
  const producer = new BatchingProducer(connection);
  await producer.connect();
  const records = topics.flatMap((topic) =>
    partitions.flatMap((partition) =>
      Array.from({ length: count }, (_, i) => ({ topic, partition, key: 'k', value: String(i) })),
    ),
  );
  await producer.send(records);
  await producer.disconnect();
}

/** Where each partition of each topic is folded to: what outlives a member. */
type Checkpoints = Map<string, number>;

/** A member of a group, with its owner: what it is given, holds and hands over. */
function member(
  groupId: string,
  topics: readonly string[],
  checkpoints: Checkpoints = new Map<string, number>(),
) {
  const held = new Set<number>();
  const handed: string[] = [];
  const fatal: unknown[] = [];
  const commits = new Map<number, CommitOffsets>();
  const owner: PartitionOwner = {
    assigned: (partition, commit) => {
      held.add(partition);
      commits.set(partition, commit);
      return Promise.resolve(
        new Map(topics.map((topic) => [topic, checkpoints.get(`${topic}/${partition}`) ?? 0])),
      );
    },
    revoked: (partition) => {
      held.delete(partition);
      return Promise.resolve();
    },
  };
  const onFatal = (error: unknown) => fatal.push(error);
  const consumer = new GroupConsumer({ connection, groupId, topics, owner, onFatal }, (batch) => {
    const place = `${batch.topic}/${batch.partition}`;
    handed.push(...batch.records.map((record) => `${place}@${record.offset}`));
    checkpoints.set(place, batch.endOffset);
    return Promise.resolve();
  });
  running.add(consumer);
  return { consumer, held, handed, fatal, commits };
}

const offsetsOf = (handed: readonly string[], place: string) =>
  handed.filter((at) => at.startsWith(`${place}@`)).map((at) => Number(at.slice(place.length + 1)));

describe('GroupConsumer', () => {
  it('hands every record over once, in the order of its partition', async () => {
    const topics = await newTopics(2, 3);
    await write(topics, [0, 1, 2], 50);
    const { consumer, handed, fatal } = member(uniqueName('group'), topics);
    await consumer.start();
    await write(topics, [0, 1, 2], 50);
    await eventually(() => handed.length >= 600);
    const hundred = Array.from({ length: 100 }, (_, i) => i);
    for (const topic of topics) {
      for (const partition of [0, 1, 2]) expect(offsetsOf(handed, `${topic}/${partition}`)).toEqual(hundred);
    }
    expect(fatal).toEqual([]);
  });

  it('starts where the owner’s checkpoint is, not where the group’s offset is', async () => {
    const topics = await newTopics(1, 1);
    const [topic = ''] = topics;
    await write(topics, [0], 10);
    const groupId = uniqueName('group');
    const before = member(groupId, topics);
    await before.consumer.start();
    await before.commits.get(0)?.(new Map([[topic, 9]]));
    await before.consumer.close();
    running.delete(before.consumer);
    const [group] = await connection.withAdmin((admin) => admin.fetchOffsets({ groupId, topics }));
    expect(group?.partitions).toMatchObject([{ partition: 0, offset: '9' }]);
    const { consumer, handed } = member(groupId, topics, new Map([[`${topic}/0`, 4]]));
    await consumer.start();
    await eventually(() => handed.length >= 6);
    expect(offsetsOf(handed, `${topic}/0`)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it('gives its partitions back to the owner when it closes', async () => {
    const topics = await newTopics(1, 2);
    const { consumer, held } = member(uniqueName('group'), topics);
    await consumer.start();
    expect([...held].sort()).toEqual([0, 1]);
    await consumer.close();
    running.delete(consumer);
    expect([...held]).toEqual([]);
  });

  it('ends the process when records that were to be folded are gone from the log', async () => {
    const topics = await newTopics(1, 1);
    const [topic = ''] = topics;
    await write(topics, [0], 10);
    await connection.withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] });
    });
    const { consumer, handed, fatal } = member(uniqueName('group'), topics, new Map([[`${topic}/0`, 2]]));
    await consumer.start();
    await eventually(() => fatal.length > 0);
    expect(fatal[0]).toBeInstanceOf(LostRangeError);
    expect(fatal[0]).toMatchObject({ topic, partition: 0, from: 2, to: 6 });
    expect(handed).toEqual([]);
  });

  it('gives partition p of every topic to one member, which goes on from the checkpoint', async () => {
    const topics = await newTopics(2, 4);
    await write(topics, [0, 1, 2, 3], 20);
    const groupId = uniqueName('group');
    const checkpoints: Checkpoints = new Map();
    const first = member(groupId, topics, checkpoints);
    await first.consumer.start();
    await eventually(() => first.handed.length >= 160);
    const second = member(groupId, topics, checkpoints);
    await second.consumer.start();
    await eventually(() => first.held.size === 2 && second.held.size === 2);
    await write(topics, [0, 1, 2, 3], 20);
    // A request that was tried again may have written a partition's records twice: the log says how many there are.
    const ends = await Promise.all(topics.map((topic) => logBounds(connection, topic)));
    const count = ends.flatMap((bounds) => [...bounds.values()]).reduce((sum, { end }) => sum + end, 0);
    await eventually(() => first.handed.length + second.handed.length >= count);
    expect([...first.held, ...second.held].sort()).toEqual([0, 1, 2, 3]);
    for (const [i, topic] of topics.entries()) {
      for (const p of [0, 1, 2, 3]) {
        const all = Array.from({ length: ends[i]?.get(p)?.end ?? 0 }, (_, offset) => offset);
        const [byFirst, bySecond] = [first, second].map(({ handed }) => offsetsOf(handed, `${topic}/${p}`));
        expect([...(byFirst ?? []), ...(bySecond ?? [])].sort((x, y) => x - y)).toEqual(all);
      }
    }
    expect([...first.fatal, ...second.fatal]).toEqual([]);
  });
});
