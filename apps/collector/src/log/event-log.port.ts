import type { OutgoingRecord } from '@tributary/kafka';
import type { Result } from '@tributary/kernel';

/** Why records are not, or not known to be, in the log. */
export type AppendFailure = 'overloaded' | 'unavailable';

/** Where events are kept. */
export interface EventLog {
  /**
   * Succeeds when every record is kept for good: every in-sync replica has it, or it is fsynced on this machine's disk,
   * from where it comes to Kafka. Answers within a bounded time. A failure does not say that nothing was written: the
   * client sends again, and the message ids tell the duplicates apart. The records take of the room of their source.
   */
  append(records: readonly OutgoingRecord[], holder?: string): Promise<Result<undefined, AppendFailure>>;
}

export const EVENT_LOG = Symbol('EVENT_LOG');
