import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  BatchingProducer,
  GroupConsumer,
  KafkaConnection,
  logBounds,
  readPartition,
  TopicFollower,
} from '@tributary/kafka';
import { eventually } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafkaCluster } from './cluster.js';
import { startKafka, type EmbeddedKafka, type StartKafkaOptions } from './start.js';

jest.setTimeout(240_000);

const topic = 't';
let dir: string;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'readers-'));
  stack = new AsyncDisposableStack();
  stack.defer(() => rm(dir, { recursive: true, force: true }));
});
afterEach(() => stack.disposeAsync());

async function broker(options: Partial<StartKafkaOptions> = {}): Promise<EmbeddedKafka> {
  const started = await startKafka({ dataDir: join(dir, 'kafka'), port: 0, ...options });
  stack.defer(() => started.stop());
  return started;
}

function connect(brokers: string): KafkaConnection {
  const connection = new KafkaConnection({ clientId: 'spec', brokers: brokers.split(','), retries: 30 });
  stack.defer(() => connection.close());
  return connection;
}

async function newTopic(
  connection: KafkaConnection,
  numPartitions: number,
  replicationFactor = 1,
): Promise<void> {
  await connection.withAdmin((admin) =>
    admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions, replicationFactor }] }),
  );
  await logBounds(connection, topic);
}

async function write(connection: KafkaConnection, ...values: readonly string[]): Promise<void> {
  const producer = new BatchingProducer(connection);
  await producer.connect();
  for (const value of values) await producer.send([{ topic, partition: 0, key: 'k', value }]);
  await producer.disconnect();
}

async function follow(connection: KafkaConnection) {
  const seen: number[] = [];
  const fatal: unknown[] = [];
  const onFatal = (error: unknown) => fatal.push(error);
  const follower = new TopicFollower(connection, { name: topic }, ({ offset }) => void seen.push(offset), {
    onFatal,
  });
  stack.defer(() => follower.stop());
  await follower.start();
  return { seen, fatal };
}

const groupsOf = (connection: KafkaConnection) =>
  connection.withAdmin(async (admin) => (await admin.listGroups()).groups.map(({ groupId }) => groupId));

describe('a reader without a group', () => {
  it('goes on where it was when its broker is killed and comes back, following or in the middle of a read', async () => {
    const first = await broker();
    const connection = connect(first.brokers);
    await newTopic(connection, 1);
    // More than one fetch brings.
    await write(connection, ...['a', 'b', 'c', 'd'].map((value) => value.repeat(700_000)));
    const { seen, fatal } = await follow(connection);
    const read: number[] = [];
    const end = await readPartition(connection, { topic, partition: 0, from: 0 }, async ({ offset }) => {
      read.push(offset);
      if (offset > 0) return;
      first.kill('SIGKILL');
      await first.exited;
      await broker({ port: Number(first.brokers.split(':')[1]) });
    });
    expect([read, end]).toEqual([[0, 1, 2, 3], 4]);
    await write(connection, 'e');
    const bounds = await logBounds(connection, topic);
    const all = Array.from({ length: bounds.get(0)?.end ?? 0 }, (_, offset) => offset);
    await eventually(() => seen.length >= all.length, { withinMs: 60_000 });
    expect(seen).toEqual(all);
    expect(fatal).toEqual([]);
  });

  it('goes on at another broker when the leader of its partition is lost', async () => {
    const cluster = await startKafkaCluster({ dataDir: join(dir, 'three'), port: 0 });
    stack.defer(() => cluster.stop());
    const connection = connect(cluster.brokers);
    await newTopic(connection, 3, 3);
    await write(connection, 'a', 'b');
    const { seen, fatal } = await follow(connection);
    const leaderOf = async () => {
      const { topics } = await connection.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
      return topics[0]?.partitions.find(({ partitionId }) => partitionId === 0)?.leader ?? -1;
    };
    const leader = await leaderOf();
    const lost = cluster.nodes[leader - 1]!;
    lost.kill('SIGKILL');
    await lost.exited;
    await write(connection, 'c', 'd');
    const { end = 0 } = (await logBounds(connection, topic)).get(0) ?? {};
    await eventually(() => seen.length >= end, { withinMs: 60_000 });
    expect(await leaderOf()).not.toBe(leader);
    expect(seen).toEqual(Array.from({ length: end }, (_, offset) => offset));
    expect(fatal).toEqual([]);
  });
});

describe('a broker as it comes, which waits three seconds for company when a group begins', () => {
  it('has no group of what is read, and one of what is consumed, whose members keep what stays with them', async () => {
    const { brokers } = await broker({ rebalanceDelayMs: 3_000 });
    const connection = connect(brokers);
    await newTopic(connection, 6);
    await write(connection, 'a');
    const before = await groupsOf(connection);
    const { seen } = await follow(connection);
    await readPartition(connection, { topic, partition: 0, from: 0 }, () => undefined);
    expect(seen).toEqual([0]);
    expect(await groupsOf(connection)).toEqual(before);

    const fatal: unknown[] = [];
    const members: { readonly opened: number[]; readonly open: Set<number> }[] = [];
    const join = async () => {
      const member = { opened: [] as number[], open: new Set<number>() };
      members.push(member);
      const consumer = new GroupConsumer(
        {
          ...{ connection, groupId: 'g', topics: [topic] },
          owner: {
            assigned: (partition) => {
              member.opened.push(partition);
              member.open.add(partition);
              return Promise.resolve(new Map([[topic, 0]]));
            },
            revoked: (partition) => {
              member.open.delete(partition);
              return Promise.resolve();
            },
          },
          onFatal: (error) => fatal.push(error),
        },
        () => Promise.resolve(),
      );
      stack.defer(() => consumer.close());
      await consumer.start();
    };
    // Within the delay: both are in the first generation.
    await Promise.all([join(), join()]);
    await eventually(() => members.every(({ open }) => open.size === 3));
    await join();
    await eventually(() => members.every(({ open }) => open.size === 2));
    expect(members.map(({ opened }) => opened.length)).toEqual([3, 3, 2]);
    expect(members.flatMap(({ open }) => [...open]).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await groupsOf(connection)).toEqual([...before, 'g']);
    expect(fatal).toEqual([]);
  });
});
