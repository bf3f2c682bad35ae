import { kafkaBrokers, uniqueName } from '@tributary/testing';
import type { Cluster, Consumer, ConsumerConfig, PartitionAssigner } from 'kafkajs';
import { KafkaConnection } from '../src/connection.js';
import { BatchingProducer } from '../src/producer.js';
import { logBounds } from '../src/topics.js';

/** A topic of its own for a spec. */
export async function newTopic(connection: KafkaConnection, numPartitions: number): Promise<string> {
  const topic = uniqueName('log');
  await connection.withAdmin((admin) =>
    admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions, replicationFactor: 1 }] }),
  );
  // It waits for leaders, and for a broker that has not heard of the topic yet.
  await logBounds(connection, topic);
  return topic;
}

/** Appends records to a partition, one batch a call. */
export async function write(
  connection: KafkaConnection,
  topic: string,
  partition: number,
  values: readonly string[],
): Promise<void> {
  const producer = new BatchingProducer(connection);
  await producer.connect();
  await producer.send(values.map((value) => ({ topic, partition, key: 'k', value })));
  await producer.disconnect();
}

/** What retention does: partition 0 begins at this offset from now on. */
export async function cutOff(connection: KafkaConnection, topic: string, offset: number): Promise<void> {
  await connection.withAdmin(async (admin) => {
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  });
}

/** A connection whose consumers can be stopped without the knowledge of those who made them. */
export function silentConsumers() {
  const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('silent') });
  const made: Consumer[] = [];
  const make = connection.client.consumer.bind(connection.client);
  connection.client.consumer = (config) => {
    const consumer = make(config);
    made.push(consumer);
    return consumer;
  };
  return {
    connection,
    silenceAll: async (way: 'pause' | 'stop', topic: string) => {
      for (const consumer of made) {
        if (way === 'stop') await consumer.stop();
        else consumer.pause([{ topic }]);
      }
    },
  };
}

/** A connection whose readers can be made to wait for ever for a broker, without the knowledge of those who made them. */
export function silentReaders() {
  const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('silent') });
  const clusters: Cluster[] = [];
  const newClient = connection.newClient.bind(connection);
  connection.newClient = (...of) => {
    const client = newClient(...of);
    const make = client.consumer.bind(client);
    const keep: PartitionAssigner = ({ cluster }) => {
      clusters.push(cluster);
      return {
        name: 'kept',
        version: 1,
        protocol: () => ({ name: 'kept', metadata: Buffer.alloc(0) }),
        assign: () => Promise.resolve([]),
      };
    };
    client.consumer = (config: ConsumerConfig) =>
      make({ ...config, partitionAssigners: [...(config.partitionAssigners ?? []), keep] });
    return client;
  };
  return {
    connection,
    /** Resolves when all of them wait. */
    silenceAll: () =>
      Promise.all(
        clusters.map((cluster) => {
          const waits = Promise.withResolvers<undefined>();
          cluster.findBroker = () => {
            waits.resolve(undefined);
            return new Promise(() => undefined);
          };
          return waits.promise;
        }),
      ),
  };
}
