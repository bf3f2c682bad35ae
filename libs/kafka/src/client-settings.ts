/** Connecting to one broker, TLS included. */
export const CONNECT_TIMEOUT_MS = 3_000;
/** An answer to one request; one that waits on purpose, as a fetch or a join, has its own wait on top. */
export const REQUEST_TIMEOUT_MS = 15_000;
/** A request that failed is tried again after so long, and after twice as long each further time, … */
export const FIRST_RETRY_MS = 50;
/** … but never after more than this, … */
export const LONGEST_RETRY_MS = 1_000;
/** … and so many times. */
export const RETRIES = 8;
/** A connection that says nothing is asked for a sign of life by the operating system. */
export const KEEP_ALIVE_MS = 60_000;

/** A member of a group that was not heard of for so long loses its partitions, and writes nothing any more. */
export const SESSION_TIMEOUT_MS = 6_000;
/** The members of a group have so long to join again once a rebalance began: to finish the batch that is under way. */
export const REBALANCE_TIMEOUT_MS = 15_000;
/** Between two heartbeats; at most a quarter of the session. */
export const HEARTBEAT_EVERY_MS = 1_000;
/** How often a member asks, while a handler is at work, whether its next heartbeat is due. */
export const HEARTBEAT_LOOK_MS = 500;
/** Offsets are committed to the group so often. */
export const COMMIT_EVERY_MS = 1_000;

/**
 * A fetch waits so long for a first record, and ends with it: it waits for no company. Each wait that passes costs the
 * broker a look at all partitions.
 */
export const FETCH_WAIT_MS = 500;
/**
 * A fetch that brought little is followed by the next so much later at the earliest: at each step from an event to a change
 * one such wait at most, and none after a silence.
 */
export const FETCH_PACE = { everyMs: 20, manyBytes: 65_536 };

/** The records that one fetch brings, of all partitions of a broker. One record may be larger. */
export const FETCH_BYTES = 4_194_304;
/** Those of one partition in it. */
export const PARTITION_FETCH_BYTES = 524_288;
/** The same of a reader that reads a log from end to end. */
export const READ_PARTITION_BYTES = 1_048_576;

/** How many partitions' batches a member handles at once. */
export const CONCURRENCY = 8;
/** Nothing moved for so long although there is more: a consumer is taken for dead. */
export const STUCK_AFTER_MS = 30_000;
/** Partitions without a leader, as just after their creation or when a broker left, are waited for. */
export const LEADERLESS_MS = 60_000;
/** A read of a range gives up when no fetch of it has succeeded for so long. */
export const READ_GIVES_UP_AFTER_MS = 60_000;

/** What an operator may have to set otherwise than the defaults above. */
export interface KafkaTuning {
  /** As {@link REQUEST_TIMEOUT_MS}. */
  readonly requestTimeoutMs?: number;
  /** As {@link SESSION_TIMEOUT_MS}. */
  readonly sessionTimeoutMs?: number;
  /** As {@link REBALANCE_TIMEOUT_MS}. */
  readonly rebalanceTimeoutMs?: number;
  /** As {@link FETCH_BYTES}. */
  readonly fetchBytes?: number;
}

/** The settings of it, as environment variables have them. */
export interface KafkaTuningSettings {
  readonly KAFKA_REQUEST_TIMEOUT_MS: number;
  readonly KAFKA_SESSION_TIMEOUT_MS: number;
  readonly KAFKA_REBALANCE_TIMEOUT_MS: number;
  readonly KAFKA_FETCH_BYTES: number;
}

/** What the settings say of it. */
export function kafkaTuning(settings: KafkaTuningSettings): KafkaTuning {
  return {
    requestTimeoutMs: settings.KAFKA_REQUEST_TIMEOUT_MS,
    sessionTimeoutMs: settings.KAFKA_SESSION_TIMEOUT_MS,
    rebalanceTimeoutMs: settings.KAFKA_REBALANCE_TIMEOUT_MS,
    fetchBytes: settings.KAFKA_FETCH_BYTES,
  };
}
