import { describe, expect, it } from '@jest/globals';
import { kafkaBrokers, uniqueName } from '@tributary/testing';
import { KafkaConnection } from './connection.js';
import { LostRangeError } from './kafka.errors.js';
import { CompressionTypes } from './kafkajs.js';
import { readPartition, readRanges, type ReadRange } from './log-reader.js';
import { BatchingProducer } from './producer.js';
import { newTopic as newTopicOf } from '../test/logs.fixture.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('reader') });

const newTopic = (numPartitions: number) => newTopicOf(connection, numPartitions);

async function write(topic: string, partition: number, values: readonly string[]): Promise<void> {
  const producer = new BatchingProducer(connection);
  await producer.connect();
  await producer.send(
    values.map((value) => ({ topic, partition, key: `key ${value}`, value, headers: { schema: 'x@1' } })),
  );
  await producer.disconnect();
}

async function read(range: ReadRange) {
  const values: string[] = [];
  const stoppedAt = await readPartition(connection, range, (record) => {
    values.push(record.value?.toString('utf8') ?? '');
  });
  return { values, stoppedAt };
}

describe('readPartition', () => {
  it('reads a range in order, without its end', async () => {
    const topic = await newTopic(2);
    await write(topic, 1, ['a', 'b', 'c', 'd', 'e']);
    expect(await read({ topic, partition: 1, from: 1, to: 4 })).toEqual({
      values: ['b', 'c', 'd'],
      stoppedAt: 4,
    });
  });

  it('reads what other clients wrote, compressed or in transactions, and nothing that was aborted', async () => {
    const topic = await newTopic(1);
    const other = connection.client.producer({
      transactionalId: uniqueName('transactional'),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    const message = (value: string) => ({ topic, messages: [{ partition: 0, key: 'k', value }] });
    await other.connect();
    await write(topic, 0, ['first']);
    const aborted = await other.transaction();
    await aborted.send(message('aborted'));
    await aborted.abort();
    await write(topic, 0, ['between']);
    const committed = await other.transaction();
    await committed.send({ ...message('committed'), compression: CompressionTypes.GZIP });
    await committed.commit();
    await write(topic, 0, ['last']);
    await other.disconnect();
    const { values } = await read({ topic, partition: 0, from: 0 });
    expect(values).toEqual(['first', 'between', 'committed', 'last']);
  });

  it('reads to the end of the log unless told where to stop', async () => {
    const topic = await newTopic(1);
    await write(topic, 0, ['a', 'b', 'c']);
    expect(await read({ topic, partition: 0, from: 1 })).toEqual({ values: ['b', 'c'], stoppedAt: 3 });
  });

  it('reads nothing of an empty range', async () => {
    const topic = await newTopic(1);
    await write(topic, 0, ['a']);
    expect(await read({ topic, partition: 0, from: 1 })).toEqual({ values: [], stoppedAt: 1 });
  });

  it('refuses a range whose beginning is gone from the log, unless it begins with the log', async () => {
    const topic = await newTopic(1);
    await write(topic, 0, ['a', 'b', 'c', 'd']);
    await connection.withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    });
    await expect(read({ topic, partition: 0, from: 1 })).rejects.toThrow(LostRangeError);
    expect(await read({ topic, partition: 0, from: 0 })).toEqual({ values: ['c', 'd'], stoppedAt: 4 });
  });

  it('refuses a partition that does not exist', async () => {
    const topic = await newTopic(1);
    await expect(read({ topic, partition: 7, from: 0 })).rejects.toThrow(`${topic} has no partition 7`);
  });
});

describe('readRanges', () => {
  it('reads a part of each partition, and ends with the last of them', async () => {
    const topic = await newTopic(3);
    for (const partition of [0, 1, 2]) await write(topic, partition, ['a', 'b', 'c', 'd']);
    const read: string[] = [];
    const ranges = new Map([
      [0, { from: 1, to: 2 }],
      [1, { from: 0, to: Infinity }],
      [2, { from: 4, to: Infinity }],
    ]);
    const ends = await readRanges(connection, topic, ranges, ({ partition, value }) => {
      read.push(`${partition}${value?.toString('utf8')}`);
    });
    expect(read.sort()).toEqual(['0b', '1a', '1b', '1c', '1d']);
    expect([...ends].sort()).toEqual([
      [0, 2],
      [1, 4],
      [2, 4],
    ]);
  });
});

describe('readPartition of a handler that throws', () => {
  it('rejects with the handler’s error', async () => {
    const topic = await newTopic(1);
    await write(topic, 0, ['a', 'b']);
    const reading = readPartition(connection, { topic, partition: 0, from: 0 }, () => {
      throw new Error('no such thing');
    });
    await expect(reading).rejects.toThrow('no such thing');
  });
});
