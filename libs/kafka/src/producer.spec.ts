import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@tributary/kernel';
import { kafkaBrokers, uniqueName } from '@tributary/testing';
import { KafkaConnection } from './connection.js';
import { readPartition } from './log-reader.js';
import { BatchingProducer, type BatchingProducerOptions } from './producer.js';
import { logBounds } from './topics.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('producer') });
const warnings: string[] = [];
const onWarning = (warning: Error) => warnings.push(warning.name);

beforeAll(() => {
  process.on('warning', onWarning);
});
afterAll(() => {
  process.off('warning', onWarning);
});

async function newTopic(numPartitions: number): Promise<string> {
  const topic = uniqueName('producer');
  await connection.withAdmin((admin) =>
    admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, replicationFactor: 1 }] }),
  );
  return topic;
}

async function producing<T>(
  work: (producer: BatchingProducer) => Promise<T>,
  options?: BatchingProducerOptions,
): Promise<T> {
  const producer = new BatchingProducer(connection, options);
  await producer.connect();
  try {
    return await work(producer);
  } finally {
    await producer.disconnect();
  }
}

async function valuesOf(topic: string, partition: number): Promise<string[]> {
  const values: string[] = [];
  await readPartition(connection, { topic, partition, from: 0 }, (record) => {
    values.push(record.value?.toString('utf8') ?? '');
  });
  return values;
}

describe('a record that the broker refuses as too large', () => {
  const large = 'x'.repeat(20_000);
  const limited = async (): Promise<string> => {
    const topic = uniqueName('producer');
    const configEntries = [{ name: 'max.message.bytes', value: '10000' }];
    const made = { topic, numPartitions: 2, replicationFactor: 1, configEntries };
    await connection.withAdmin((admin) => admin.createTopics({ waitForLeaders: true, topics: [made] }));
    return topic;
  };

  it('is replaced by its stand-in, and the others of its request are written in their order', async () => {
    const topic = await limited();
    const [other] = [await newTopic(1)];
    const at = (partition: number, value: string) => ({ topic, partition, key: 'k', value });
    const refused: unknown[] = [];
    const standIn: BatchingProducerOptions['standIn'] = ({ value, ...place }) => {
      refused.push(place);
      return { topic: other, key: 'k', value: `${value?.length ?? 0} bytes` };
    };
    const records = [at(0, 'a'), at(1, large), at(0, 'b'), at(1, 'c'), at(0, 'd'), at(1, 'e')];
    const offsets = await producing((producer) => producer.send(records), { standIn });
    expect(offsets[1]).toBe(-1);
    expect(offsets.filter((offset) => offset >= 0)).toHaveLength(5);
    const inOrder = (values: readonly string[], ...expected: readonly string[]) => {
      expect(values.slice(-expected.length)).toEqual(expected);
    };
    inOrder(await valuesOf(topic, 0), 'a', 'b', 'd');
    inOrder(await valuesOf(topic, 1), 'c', 'e');
    expect(await valuesOf(other, 0)).toEqual(['20000 bytes']);
    expect(refused).toEqual([{ topic, partition: 1, key: 'k' }]);
  });

  it('rejects its send where nothing stands in', async () => {
    const topic = await limited();
    const send = producing((producer) => producer.send([{ topic, partition: 0, key: 'k', value: large }]));
    await expect(send).rejects.toThrow(/larger than|too large/i);
  });
});

describe('BatchingProducer', () => {
  it('answers with the offset of each record, in the order of the records', async () => {
    const topic = await newTopic(2);
    const offsets = await producing(async (producer) => {
      const at = (partition: number) => ({ topic, partition, key: 'k', value: 'v' });
      const first = await producer.send([at(0), at(1), at(0), at(0), at(1)]);
      const second = await producer.send([at(1), at(0)]);
      return [first, second, await producer.send([])];
    });
    expect(offsets).toEqual([[0, 0, 1, 2, 1], [2, 3], []]);
  });

  it('chooses the partition by the partition key, or else by the key', async () => {
    const topic = await newTopic(8);
    await producing((producer) =>
      producer.send([
        { topic, key: 'a', value: 'by key' },
        { topic, key: 'a', partitionKey: 'other', value: 'by partition key' },
      ]),
    );
    expect(await valuesOf(topic, partitionOf('a', 8))).toContain('by key');
    expect(await valuesOf(topic, partitionOf('other', 8))).toContain('by partition key');
  });

  it('keeps the order of many concurrent sends', async () => {
    const topic = await newTopic(1);
    const names = Array.from({ length: 500 }, (_, i) => String(i));
    const offsets = await producing(
      (producer) => Promise.all(names.map((value) => producer.send([{ topic, key: value, value }]))),
      { maxBatchBytes: 200 },
    );
    expect(offsets.flat()).toEqual(names.map(Number));
    expect(await valuesOf(topic, 0)).toEqual(names);
  });

  it('cuts a send that exceeds the broker’s message size into batches', async () => {
    const topic = await newTopic(1);
    let requests = 0;
    const values = Array.from({ length: 8 }, (_, i) => String(i).repeat(400_000));
    const offsets = await producing(
      (producer) => producer.send(values.map((value) => ({ topic, key: 'k', value }))),
      { beforeSend: () => (requests += 1) },
    );
    expect(offsets).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(requests).toBe(4);
    expect((await valuesOf(topic, 0)).map((value) => value[0])).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
    ]);
  });

  it('rejects and writes nothing when it may no longer write', async () => {
    const topic = await newTopic(1);
    const fenced = new Error('slept past the session');
    const beforeSend = () => {
      throw fenced;
    };
    await producing(
      (producer) => expect(producer.send([{ topic, key: 'k', value: 'v' }])).rejects.toBe(fenced),
      { beforeSend },
    );
    expect((await logBounds(connection, topic)).get(0)).toEqual({ start: 0, end: 0 });
  });

  it('asks again before a request that is tried again', async () => {
    const topic = await newTopic(1);
    const fenced = new Error('slept past the session between two attempts');
    const record = { topic, key: 'k', value: 'v' };
    let asked = 0;
    const beforeSend = () => {
      asked += 1;
      if (asked === 3) throw fenced;
    };
    await producing(
      async (producer) => {
        await producer.send([record]);
        await connection.withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
        await expect(producer.send([record])).rejects.toBe(fenced);
      },
      { beforeSend },
    );
  });

  it('rejects a send to a topic that does not exist', async () => {
    await producing((producer) =>
      expect(producer.send([{ topic: uniqueName('absent'), key: 'k', value: 'v' }])).rejects.toThrow(),
    );
  });

  it('rejects a send to a partition that does not exist, and writes what is beside it', async () => {
    const topic = await newTopic(1);
    await producing(async (producer) => {
      const records = [0, 7].map((partition) => ({ topic, partition, key: 'k', value: `to ${partition}` }));
      await expect(producer.send(records)).rejects.toThrow(`no broker takes records of ${topic} partition 7`);
      expect(await producer.send([{ topic, partition: 0, key: 'k', value: 'more' }])).toEqual([1]);
    });
    expect(await valuesOf(topic, 0)).toEqual(['to 0', 'more']);
  });

  it('writes what waits before it disconnects', async () => {
    const topic = await newTopic(1);
    const producer = new BatchingProducer(connection, { lingerMs: 60_000 });
    await producer.connect();
    const sent = producer.send([{ topic, key: 'k', value: 'last' }]);
    await producer.disconnect();
    expect(await sent).toEqual([0]);
    expect(producer.pendingBytes).toBe(0);
  });

  it('sets no timer with a negative delay', () => {
    expect(warnings).not.toContain('TimeoutNegativeWarning');
  });
});
