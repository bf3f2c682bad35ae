import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startKafka } from '@tributary/embedded-kafka';
import { BatchingProducer, KafkaConnection } from '@tributary/kafka';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { join } from 'node:path';
import { ownFolder } from '../platform/own-platform.js';
import { followTopic } from './follow-topic.js';

let stack: AsyncDisposableStack;
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

const connectionTo = (brokers: readonly string[]) =>
  new KafkaConnection({ brokers, clientId: uniqueName('follow'), retries: 2 });

async function newTopic(connection: KafkaConnection): Promise<string> {
  const topic = uniqueName('followed');
  await connection.withAdmin((admin) =>
    admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1 }] }),
  );
  return topic;
}

async function write(
  connection: KafkaConnection,
  topic: string,
  ...values: readonly string[]
): Promise<void> {
  const producer = new BatchingProducer(connection);
  await producer.connect();
  await producer.send(values.map((value) => ({ topic, key: value, value })));
  await producer.disconnect();
}

async function follow(connection: KafkaConnection, name: string, from: 'beginning' | 'now') {
  const seen: string[] = [];
  await followTopic(
    stack,
    connection,
    { name },
    {
      from,
      onRecord: ({ value }) => {
        seen.push(String(value));
      },
    },
  );
  return seen;
}

describe('followTopic', () => {
  it('begins at the beginning, or now', async () => {
    const connection = connectionTo(kafkaBrokers());
    const topic = await newTopic(connection);
    await write(connection, topic, 'a', 'b', 'c');
    const all = await follow(connection, topic, 'beginning');
    expect([...all].sort()).toEqual(['a', 'b', 'c']);
    const later = await follow(connection, topic, 'now');
    await write(connection, topic, 'd');
    await eventually(() => later.includes('d') && all.includes('d'));
    expect(later).toEqual(['d']);
  });

  it('goes on after an outage of the broker, and hands over each record once', async () => {
    const dataDir = join(ownFolder(stack), 'kafka');
    const first = await startKafka({ dataDir, port: 0 });
    stack.defer(() => first.stop());
    const connection = connectionTo([first.brokers]);
    const topic = await newTopic(connection);
    await write(connection, topic, 'before');
    const seen = await follow(connection, topic, 'now');
    await write(connection, topic, 'a', 'b');
    await eventually(() => seen.length === 2);
    first.kill('SIGKILL');
    await first.exited;
    const second = await startKafka({ dataDir, port: Number(first.brokers.split(':')[1]) });
    stack.defer(() => second.stop());
    await eventually(() => write(connection, topic, 'c'));
    await eventually(() => seen.includes('c'), { withinMs: 50_000 });
    expect(new Set(seen)).toEqual(new Set(['a', 'b', 'c']));
    expect(seen.filter((value) => value !== 'c').sort()).toEqual(['a', 'b']);
  });
});
