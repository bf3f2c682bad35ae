import { READ_GIVES_UP_AFTER_MS } from './client-settings.js';
import type { KafkaConnection } from './connection.js';
import { LostRangeError } from './kafka.errors.js';
import type { LogRecord } from './records.js';
import { PartitionReader } from './partition-reader.js';
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
 * stopped. Throws a LostRangeError where the range begins below the log's start or beyond its end, or where the log's
 * start overtakes the reading; from 0 on is from the start on.
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
    if (range.from > log.end) throw new LostRangeError(topic, partition, log.end, range.from, 'read');
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
  const end = Promise.withResolvers<undefined>();
  const reader = new PartitionReader({
    ...{ connection, topic, starts },
    givesUpAfterMs: READ_GIVES_UP_AFTER_MS,
    onRecord: (record) => (record.offset < (ends.get(record.partition) ?? 0) ? onRecord(record) : undefined),
    onReached: (partition, next) => {
      if (next < (ends.get(partition) ?? 0)) return false;
      left.delete(partition);
      if (left.size === 0) end.resolve(undefined);
      return true;
    },
    onFatal: (error) => {
      end.reject(error);
    },
  });
  try {
    await end.promise;
  } finally {
    await reader.close();
  }
}
