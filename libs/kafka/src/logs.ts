import type { KafkaConnection } from './connection.js';
import { readPartition, type ReadRange } from './log-reader.js';
import type { LogRecord, OutgoingRecord } from './records.js';
import { logBounds } from './topics.js';

/** The logs as one reads and writes them beside what a consumer group brings. */
export interface Logs {
  /** First and next offset of every partition of a topic, by partition. */
  bounds(topic: string): Promise<ReadonlyMap<number, { readonly start: number; readonly end: number }>>;
  /** Reads part of one partition, in order, as {@link readPartition} does; answers with the offset at which it stopped. */
  read(range: ReadRange, onRecord: (record: LogRecord) => void | Promise<void>): Promise<number>;
  /** Writes the records; the offsets come in their order. Rejects when not all of them were taken. */
  send(records: readonly OutgoingRecord[]): Promise<readonly number[]>;
}

/** Those of a cluster, which the producer writes to. */
export function kafkaLogs(connection: KafkaConnection, producer: Pick<Logs, 'send'>): Logs {
  return {
    bounds: (topic) => logBounds(connection, topic),
    read: (range, onRecord) => readPartition(connection, range, onRecord),
    send: (records) => producer.send(records),
  };
}
