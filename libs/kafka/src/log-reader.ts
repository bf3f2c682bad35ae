import type { Topic } from '@tributary/contracts';
import { randomUUID } from 'node:crypto';
import type { Consumer } from 'kafkajs';
import { fixedAssigner } from './assigner.js';
import type { KafkaConnection } from './connection.js';
import { LostRangeError } from './kafka.errors.js';
import { toLogRecord, type LogRecord } from './records.js';
import { logBounds } from './topics.js';

export interface ReadRange {
  readonly topic: string;
  readonly partition: number;
  /** The first offset to read. */
  readonly from: number;
  /** The offset at which to stop, not read itself; the log's end when the reading begins, unless given. */
  readonly to?: number;
}

/**
 * Reads part of one partition, in order, outside any group that others see. Answers with the offset at which it
 * stopped. Throws a LostRangeError where the range begins below the log's start; from 0 on is from the start on.
 */
export async function readPartition(
  connection: KafkaConnection,
  range: ReadRange,
  onRecord: (record: LogRecord) => void | Promise<void>,
): Promise<number> {
  const { topic, partition, from, to = Infinity } = range;
  const ends = await readRanges(connection, topic, new Map([[partition, { from, to }]]), onRecord);
  return ends.get(partition) ?? from;
}

/**
 * Reads a part of each of some partitions of a topic, as {@link readPartition} does, the partitions side by side.
 * `to` may lie beyond the log's end. Answers with the offsets at which it stopped.
 */
export async function readRanges(
  connection: KafkaConnection,
  topic: string,
  ranges: ReadonlyMap<number, { readonly from: number; readonly to: number }>,
  onRecord: (record: LogRecord) => void | Promise<void>,
): Promise<ReadonlyMap<number, number>> {
  const bounds = await logBounds(connection, topic);
  const ends = new Map<number, number>();
  const starts = new Map<number, number>();
  for (const [partition, range] of ranges) {
    const log = bounds.get(partition);
    if (!log) throw new Error(`${topic} has no partition ${partition}`);
    if (range.from > 0 && range.from < log.start) {
      throw new LostRangeError(topic, partition, range.from, log.start);
    }
    const from = Math.max(range.from, log.start);
    const to = Math.min(range.to, log.end);
    ends.set(partition, Math.max(range.from, to));
    if (from < to) starts.set(partition, from);
  }
  if (starts.size > 0) await readUntil(connection, topic, starts, ends, onRecord);
  return ends;
}

async function readUntil(
  connection: KafkaConnection,
  topic: string,
  starts: ReadonlyMap<number, number>,
  ends: ReadonlyMap<number, number>,
  onRecord: (record: LogRecord) => void | Promise<void>,
): Promise<void> {
  const left = new Set(starts.keys());
  const consumer = soleConsumer(connection, [...left], READ_WAIT_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      // An error would otherwise be kafkajs's, which tries the batch again and again.
      const take = async (record: LogRecord) => {
        try {
          await onRecord(record);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      void start(consumer, topic, starts, async (record) => {
        const { partition, offset } = record;
        const to = ends.get(partition) ?? 0;
        if (offset < (starts.get(partition) ?? 0)) return;
        if (offset < to) await take(record);
        if (offset < to - 1 || !left.delete(partition)) return;
        if (left.size > 0) consumer.pause([{ topic, partitions: [partition] }]);
        else resolve();
      }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
}

/**
 * Reads a whole topic from its beginning and goes on as it grows: for definitions, which every process holds whole.
 */
export class TopicFollower {
  readonly #connection: KafkaConnection;
  readonly #topic: string;
  readonly #onRecord: (record: LogRecord) => void | Promise<void>;
  #consumer: Consumer | undefined;

  constructor(
    connection: KafkaConnection,
    topic: Pick<Topic, 'name'>,
    onRecord: (record: LogRecord) => void | Promise<void>,
    private readonly options: { readonly fromEnd?: boolean } = {},
  ) {
    this.#connection = connection;
    this.#topic = topic.name;
    this.#onRecord = onRecord;
  }

  /** Resolves when everything that was in the topic at the call has been handed over; then follows. */
  async start(): Promise<void> {
    const bounds = await logBounds(this.#connection, this.#topic);
    const consumer = soleConsumer(this.#connection, [...bounds.keys()], FOLLOW_WAIT_MS);
    this.#consumer = consumer;
    const starts = new Map([...bounds].map(([p, b]) => [p, this.options.fromEnd ? b.end : b.start]));
    const waiting = new Map(
      [...bounds].filter(([p, b]) => (starts.get(p) ?? 0) < b.end).map(([p, b]) => [p, b.end]),
    );
    await new Promise<void>((resolve, reject) => {
      const caughtUp = () => {
        if (waiting.size === 0) resolve();
      };
      start(consumer, this.#topic, starts, async (record) => {
        await this.#onRecord(record);
        const end = waiting.get(record.partition);
        if (end !== undefined && record.offset >= end - 1) waiting.delete(record.partition);
        caughtUp();
      }).then(caughtUp, reject);
    });
  }

  async stop(): Promise<void> {
    await this.#consumer?.disconnect();
  }
}

/** Closing waits for the fetch that is under way. */
const READ_WAIT_MS = 100;
/** Ends with the first record; each wait that passes is work for the broker. */
const FOLLOW_WAIT_MS = 500;

function soleConsumer(
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

async function start(
  consumer: Consumer,
  topic: string,
  starts: ReadonlyMap<number, number>,
  onRecord: (record: LogRecord) => Promise<void>,
): Promise<void> {
  const next = new Map(starts);
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const [partition, offset] of next) consumer.seek({ topic, partition, offset: String(offset) });
      resolve();
    });
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
      await payload.heartbeat();
    },
  });
  await joined;
}
