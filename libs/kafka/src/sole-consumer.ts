import { randomUUID } from 'node:crypto';
import type { Consumer } from 'kafkajs';
import { fixedAssigner } from './assigner.js';
import type { KafkaConnection } from './connection.js';
import type { LogRecord } from './records.js';
import { toLogRecord } from './to-log-record.js';

/** A consumer of these partitions in a group of its own, which nobody else joins. */
export function soleConsumer(
  connection: KafkaConnection,
  partitions: readonly number[],
  maxWaitTimeInMs: number,
): Consumer {
  return connection.client.consumer({
    groupId: `${connection.options.clientId}-reader-${randomUUID()}`,
    partitionAssigners: [fixedAssigner(partitions)],
    sessionTimeout: 30_000,
    maxWaitTimeInMs,
    allowAutoTopicCreation: false,
  });
}

/**
 * Starts a sole consumer at the offsets of `next`, partition by partition, and keeps them true: each is moved when its
 * record was handed over, and past what no reader sees. Resolves when the consumer has joined.
 */
export async function consumeFrom(
  consumer: Consumer,
  topic: string,
  next: Map<number, number>,
  onRecord: (record: LogRecord) => Promise<void>,
): Promise<void> {
  const { GROUP_JOIN, END_BATCH_PROCESS } = consumer.events;
  const joined = new Promise<void>((resolve) => {
    consumer.on(GROUP_JOIN, () => {
      for (const [partition, offset] of next) consumer.seek({ topic, partition, offset: String(offset) });
      resolve();
    });
  });
  consumer.on(END_BATCH_PROCESS, ({ payload: { partition, batchSize, lastOffset } }) => {
    if (batchSize === 0) next.set(partition, Number(lastOffset) + 1);
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async (payload) => {
      const { batch } = payload;
      for (const message of batch.messages) {
        if (!payload.isRunning() || payload.isStale()) return;
        await onRecord(toLogRecord(topic, batch.partition, message));
        next.set(batch.partition, Number(message.offset) + 1);
        payload.resolveOffset(message.offset);
      }
      next.set(batch.partition, Number(batch.lastOffset()) + 1);
      await payload.heartbeat();
    },
  });
  await joined;
}
