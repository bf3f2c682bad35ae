/** A record as read from a partition. Keys and headers are text; a null value removes its key. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  /** When the producer made it, in milliseconds since 1970. */
  readonly timestamp: number;
}

/** What one fetch brought of one partition, in order. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** The offset after the last record. */
  readonly endOffset: number;
  /** The offset after the last record that the broker had when it answered. */
  readonly logEnd: number;
}

/** A record to be written. Its partition follows from `partitionKey`, or else from `key`, unless given. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string;
  readonly partitionKey?: string;
  readonly partition?: number;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}
