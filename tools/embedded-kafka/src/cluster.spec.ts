import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BatchingProducer, KafkaConnection, readRanges } from '@tributary/kafka';
import { eventually } from '@tributary/testing';

import { startKafkaCluster, type EmbeddedKafkaCluster } from './cluster.js';
import { NodeCountError } from './embedded-kafka.errors.js';
import { CLUSTER_NODES } from './node-count.js';
import { startKafka } from './start.js';

jest.setTimeout(240_000);

let dir: string;
let cluster: EmbeddedKafkaCluster | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kafka-cluster-'));
});

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
  await rm(dir, { recursive: true, force: true });
});

interface Places {
  readonly leader: number;
  readonly isr: readonly number[];
}

async function placesOf(connection: KafkaConnection): Promise<Places> {
  const { topics } = await connection.withAdmin((admin) => admin.fetchTopicMetadata({ topics: ['t'] }));
  const [partition] = topics[0]?.partitions ?? [];
  return { leader: partition?.leader ?? -1, isr: partition?.isr ?? [] };
}

async function valuesIn(connection: KafkaConnection, count: number): Promise<readonly string[]> {
  const consumer = connection.client.consumer({ groupId: 'g' });
  const values: string[] = [];
  const { promise: all, resolve } = Promise.withResolvers<undefined>();
  await consumer.subscribe({ topic: 't', fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      if (values.push(String(message.value)) === count) resolve(undefined);
      return Promise.resolve();
    },
  });
  await all;
  await consumer.disconnect();
  return values;
}

describe('three brokers', () => {
  it('take records with acks from all when their leader is killed, keep them, and take it back', async () => {
    cluster = await startKafkaCluster({ dataDir: dir, port: 0 });
    const brokers = cluster.brokers.split(',');
    expect(brokers).toHaveLength(CLUSTER_NODES);
    const connection = new KafkaConnection({ clientId: 'spec', brokers, retries: 30 });
    await connection.withAdmin((admin) =>
      admin.createTopics({ topics: [{ topic: 't', numPartitions: 1, replicationFactor: 3 }] }),
    );
    const producer = connection.client.producer();
    await producer.connect();
    const send = (value: string) => producer.send({ topic: 't', acks: -1, messages: [{ value }] });
    await send('before');
    const { leader } = await placesOf(connection);
    const killed = cluster.nodes[leader - 1]!;
    killed.kill('SIGKILL');
    await killed.exited;
    await send('after');
    await producer.disconnect();
    expect(await placesOf(connection)).not.toMatchObject({ leader });
    expect(await valuesIn(connection, 2)).toEqual(['before', 'after']);

    await cluster.startNode(leader);
    await eventually(() => placesOf(connection), { until: ({ isr }) => isr.length === 3, withinMs: 60_000 });
  });

  it('hold every record of one send to partitions of all of them, of which one is killed while it is asked', async () => {
    cluster = await startKafkaCluster({ dataDir: dir, port: 0 });
    const brokers = cluster.brokers.split(',');
    const connection = new KafkaConnection({ clientId: 'spec', brokers, retries: 30 });
    const partitions = Array.from({ length: 6 }, (_, partition) => partition);
    await connection.withAdmin((admin) =>
      admin.createTopics({
        topics: [{ topic: 't', numPartitions: partitions.length, replicationFactor: 3 }],
      }),
    );
    let asked = 0;
    const producer = new BatchingProducer(connection, {
      beforeSend: () => {
        asked += 1;
      },
    });
    await producer.connect();
    const send = (value: string) =>
      producer.send(partitions.map((partition) => ({ topic: 't', partition, key: 'k', value })));
    expect(await send('before')).toEqual(partitions.map(() => 0));
    const { leader } = await placesOf(connection);
    const killed = cluster.nodes[leader - 1]!;
    // It takes its part of the request and does not answer.
    killed.kill('SIGSTOP');
    const sending = send('after');
    await eventually(() => asked === 2);
    await delay(200);
    killed.kill('SIGKILL');
    // The others answer when it is out of their ranks; by then its partitions are theirs.
    const offsets = await sending;
    await producer.disconnect();
    const found: string[] = [];
    const ranges = new Map(partitions.map((partition) => [partition, { from: 1, to: Infinity }]));
    await readRanges(connection, 't', ranges, ({ partition, offset }) => {
      found.push(`${partition} at ${offset}`);
    });
    await connection.close();
    expect([...new Set(found)].sort()).toEqual(partitions.map((p) => `${p} at ${offsets[p]}`));
  });

  it('are not started on the records of one, nor one on theirs', async () => {
    const one = await startKafka({ dataDir: join(dir, 'one'), port: 0 });
    await one.stop();
    await expect(startKafkaCluster({ dataDir: join(dir, 'one'), port: 0 })).rejects.toThrow(NodeCountError);
    cluster = await startKafkaCluster({ dataDir: join(dir, 'three'), port: 0 });
    await cluster.stop();
    await expect(startKafka({ dataDir: join(dir, 'three'), port: 0 })).rejects.toThrow(NodeCountError);
  });
});
