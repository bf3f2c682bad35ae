import type { OutgoingRecord } from '@tributary/kafka';

/** The way to Kafka: records of one `send` after another are written in that order. */
export interface KafkaSender {
  /** Resolves when every in-sync replica has them. A rejection does not say that nothing was written. */
  send(records: readonly OutgoingRecord[]): Promise<unknown>;
  /** Lets go of what is not under way yet: its sends reject. */
  withdraw(): void;
}
