import type { LogRecord } from '@tributary/kafka';

/** Where a partition's log begins, and the offset after its last record. */
export interface Bounds {
  readonly start: number;
  readonly end: number;
}

/** A part of a partition's log; `to` is not in it. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The platform's topics, to be read only. */
export interface Log {
  bounds(topic: string): Promise<ReadonlyMap<number, Bounds>>;
  /** Hands over the records of the ranges, one at a time, those of one partition in order. */
  read(
    topic: string,
    ranges: ReadonlyMap<number, Range>,
    onRecord: (record: LogRecord) => void | Promise<void>,
  ): Promise<void>;
  /** The next offset of each partition as a consumer group last committed it. */
  reached(groupId: string, topic: string): Promise<ReadonlyMap<number, number>>;
}

/** From where the log begins now to where it ends now. */
export async function wholeOf(log: Log, topic: string): Promise<ReadonlyMap<number, Range>> {
  const bounds = await log.bounds(topic);
  return new Map([...bounds].map(([partition, { start, end }]) => [partition, { from: start, to: end }]));
}
