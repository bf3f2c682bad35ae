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

/** None of the brokers of a connection answers, or none lets this client in. */
export class KafkaUnreachableError extends Error {
  constructor(
    readonly brokers: readonly string[],
    options: ErrorOptions,
  ) {
    super(whyUnreachable(brokers.join(', '), options.cause), options);
    this.name = 'KafkaUnreachableError';
  }
}

const NOT_VOUCHED_FOR = /self-signed|unable to (verify|get)|altname|certificate has expired/i;
const WANTS_CERTIFICATE = /alert (number \d+|certificate|bad certificate|unknown ca)|certificate required/i;

function whyUnreachable(brokers: string, cause: unknown): string {
  const text = textOf(cause);
  if (text.includes('SASL')) {
    return (
      `Kafka does not let this client in at ${brokers}: ` +
      'check KAFKA_SASL_MECHANISM, and KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, or KAFKA_SASL_TOKEN_FILE'
    );
  }
  if (NOT_VOUCHED_FOR.test(text)) {
    return `nobody vouches for the certificate of Kafka at ${brokers}: set KAFKA_TLS_CA to a file of who does`;
  }
  if (WANTS_CERTIFICATE.test(text)) {
    return (
      `Kafka does not take the certificate of this client at ${brokers}, or wants one: ` +
      'check KAFKA_TLS_CERT and KAFKA_TLS_KEY'
    );
  }
  return `Kafka does not answer at ${brokers}: start it, or set KAFKA_BROKERS to where it listens`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name} ${error.message} ${textOf(error.cause)}` : '';
}

/** Partitions have no leader at present: their brokers are away, or the topic has just been created. */
export class LeaderlessError extends Error {
  /** It passes, so it is asked again: kafkajs asks for this. */
  readonly retriable = true;

  constructor(
    readonly topic: string,
    readonly partitions: readonly number[],
  ) {
    super(`no broker leads partition ${partitions.join(', ')} of ${topic}`);
    this.name = 'LeaderlessError';
  }
}

/** A batch came for a partition that moved to another member meanwhile: it is the other's, and was not handled. */
export class PartitionMovedError extends Error {
  constructor(readonly partition: number) {
    super(
      `partition ${partition} is not with this member any more: its batch is left to the member that has it`,
    );
    this.name = 'PartitionMovedError';
  }
}
