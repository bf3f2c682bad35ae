import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { KafkaConnection } from './connection.js';
import { GroupConsumer } from './group-consumer.js';
import { LostRangeError } from './kafka.errors.js';
import { readPartition } from './log-reader.js';
import { cutOff, newTopic, write } from '../test/logs.fixture.js';
import type { PartitionBatch } from './records.js';
import { groupOffsets } from './topics.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('lost') });
const running: GroupConsumer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((consumer) => consumer.close()));
});

interface Member {
  readonly groupId?: string;
  /** The owner's checkpoint; without one there is no owner. */
  readonly startsAt?: number;
  readonly onBatch?: (batch: PartitionBatch) => Promise<void>;
}

function member(topic: string, { groupId = uniqueName('lost'), startsAt, onBatch }: Member) {
  const handed: number[] = [];
  const fatal: unknown[] = [];
  const owner = {
    assigned: () => Promise.resolve(new Map([[topic, startsAt ?? 0]])),
    revoked: () => Promise.resolve(),
  };
  const consumer = new GroupConsumer(
    {
      connection,
      groupId,
      topics: [topic],
      ...(startsAt === undefined ? {} : { owner }),
      onFatal: (error) => fatal.push(error),
    },
    async (batch) => {
      handed.push(...batch.records.map(({ offset }) => offset));
      await onBatch?.(batch);
    },
  );
  running.push(consumer);
  return { consumer, groupId, handed, fatal };
}

async function leave(consumer: GroupConsumer): Promise<void> {
  running.splice(running.indexOf(consumer), 1);
  await consumer.close();
}

const values = (count: number) => Array.from({ length: count }, (_, i) => String(i));

describe('GroupConsumer without an owner', () => {
  it('stops at records that went while it was away', async () => {
    const topic = await newTopic(connection, 1);
    await write(connection, topic, 0, values(3));
    const before = member(topic, {});
    await before.consumer.start();
    await eventually(() => before.handed.length === 3);
    await leave(before.consumer);
    await write(connection, topic, 0, values(7));
    await cutOff(connection, topic, 6);
    const { consumer, groupId, handed, fatal } = member(topic, { groupId: before.groupId });
    await consumer.start();
    await eventually(() => fatal.length > 0);
    expect(fatal).toEqual([expect.any(LostRangeError)]);
    expect(fatal[0]).toMatchObject({ topic, partition: 0, from: 3, to: 6, were: 'unread' });
    expect(handed).toEqual([]);
    expect(await groupOffsets(connection, groupId, topic)).toEqual(new Map([[0, 3]]));
  });

  it("starts at the log's start where it never committed", async () => {
    const topic = await newTopic(connection, 1);
    await write(connection, topic, 0, values(10));
    await cutOff(connection, topic, 6);
    const { consumer, handed, fatal } = member(topic, {});
    await consumer.start();
    await eventually(() => handed.length === 4);
    expect(handed).toEqual([6, 7, 8, 9]);
    expect(fatal).toEqual([]);
  });
});

describe.each([
  ['with an owner', { startsAt: 0 }],
  ['without an owner', {}],
])('GroupConsumer %s', (_, options) => {
  it('stops when the beginning of the log overtakes it', async () => {
    const topic = await newTopic(connection, 1);
    await write(connection, topic, 0, values(3));
    const { consumer, handed, fatal } = member(topic, {
      ...options,
      onBatch: async () => {
        await write(connection, topic, 0, values(7));
        await cutOff(connection, topic, 8);
      },
    });
    await consumer.start();
    await eventually(() => fatal.length > 0);
    expect(fatal).toEqual([expect.any(LostRangeError)]);
    expect(fatal[0]).toMatchObject({ topic, partition: 0, from: 3, to: 8, were: 'unread' });
    expect(handed).toEqual([0, 1, 2]);
  });
});

describe('GroupConsumer with an owner', () => {
  it('stops where the log ends before what the owner has folded', async () => {
    const topic = await newTopic(connection, 1);
    await write(connection, topic, 0, values(5));
    const { consumer, handed, fatal } = member(topic, { startsAt: 9 });
    await consumer.start();
    await eventually(() => fatal.length > 0);
    expect(fatal).toEqual([expect.any(LostRangeError)]);
    expect(fatal[0]).toMatchObject({ topic, partition: 0, from: 5, to: 9, were: 'read' });
    expect(handed).toEqual([]);
  });

  it('goes on behind what no reader sees', async () => {
    const topic = await newTopic(connection, 1);
    const other = connection.client.producer({
      transactionalId: uniqueName('transactional'),
      idempotent: true,
    });
    await other.connect();
    for (const end of ['commit', 'abort', 'commit'] as const) {
      const transaction = await other.transaction();
      await transaction.send({ topic, messages: [{ partition: 0, key: 'k', value: end }] });
      await transaction[end]();
    }
    await other.disconnect();
    const { consumer, handed, fatal } = member(topic, { startsAt: 0 });
    await consumer.start();
    await write(connection, topic, 0, ['last']);
    await eventually(() => handed.length === 3);
    expect(handed).toEqual([0, 4, 6]);
    expect(fatal).toEqual([]);
  });
});

describe('readPartition', () => {
  it('stops when the beginning of the log overtakes it', async () => {
    const topic = await newTopic(connection, 1);
    // More than one fetch brings.
    for (const value of ['a', 'b', 'c']) await write(connection, topic, 0, [value.repeat(700_000)]);
    const read: number[] = [];
    const reading = readPartition(connection, { topic, partition: 0, from: 0 }, async ({ offset }) => {
      read.push(offset);
      if (offset === 0) await cutOff(connection, topic, 2);
    });
    await expect(reading).rejects.toThrow(LostRangeError);
    await expect(reading).rejects.toMatchObject({ topic, partition: 0, from: 1, to: 2 });
    expect(read).toEqual([0]);
  });

  it('refuses a range that begins beyond the end of the log', async () => {
    const topic = await newTopic(connection, 1);
    await write(connection, topic, 0, values(2));
    const reading = readPartition(connection, { topic, partition: 0, from: 5 }, () => undefined);
    await expect(reading).rejects.toMatchObject({ topic, partition: 0, from: 2, to: 5, were: 'read' });
  });
});
