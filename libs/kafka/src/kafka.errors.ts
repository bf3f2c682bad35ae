/**
 * Records that were to be read are no longer in the log, or the log ends before the offset at which reading goes on.
 * Nothing resets by itself: somebody has to decide.
 */
export class LostRangeError extends Error {
  /** Trying again changes nothing: kafkajs asks for this. */
  readonly retriable = false;

  constructor(
    readonly topic: string,
    readonly partition: number,
    /** The first offset that is gone. */
    readonly from: number,
    /** The offset after the last one that is gone. */
    readonly to: number,
    /** `unread`: the log's beginning has moved past them. `read`: they were read before, and the log lost its end. */
    readonly were: 'unread' | 'read' = 'unread',
  ) {
    const what = were === 'unread' ? 'were needed' : 'were read before';
    super(
      `offsets ${from} to ${to - 1} of ${topic} partition ${partition} ${what} and are gone from the log: ` +
        'restore the log or the state from a backup, start a new generation, or, for a table that may lack these ' +
        "rows, set its consumer group's offset to where it shall go on",
    );
    this.name = 'LostRangeError';
  }
}

/** A member of a group that has stopped for good was asked for a heartbeat. */
export class SilencedError extends Error {
  readonly retriable = false;

  constructor(readonly memberId: string) {
    super(`member ${memberId} has failed and sends no heartbeat any more: its process is to end`);
    this.name = 'SilencedError';
  }
}

/** Kafka's names of what it has against the records themselves: they will never pass. */
const RECORD_REFUSALS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
]);

/** Whether Kafka refused records for what they are, so that sending them again is in vain. */
export function isRecordRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { type } = error as { readonly type?: unknown };
  return (typeof type === 'string' && RECORD_REFUSALS.has(type)) || isRecordRefused(error.cause);
}

/** A topic has another number of partitions than the settings say: keys would be in other ones than their state. */
export class TopicLayoutError extends Error {
  constructor(
    readonly topic: string,
    readonly found: number,
    readonly wanted: number,
  ) {
    super(
      `topic ${topic} has ${found} partitions and the settings say ${wanted}: ` +
        `set KAFKA_PARTITIONS=${found}, or start a new generation with topics of its own`,
    );
    this.name = 'TopicLayoutError';
  }
}

/** None of the brokers of a connection answers. */
export class KafkaUnreachableError extends Error {
  constructor(
    readonly brokers: readonly string[],
    options: ErrorOptions,
  ) {
    super(
      `Kafka does not answer at ${brokers.join(', ')}: start it, or set KAFKA_BROKERS to where it listens`,
      options,
    );
    this.name = 'KafkaUnreachableError';
  }
}
