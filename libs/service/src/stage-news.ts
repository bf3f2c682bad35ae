import { Counter, Gauge, type Registry } from 'prom-client';
import type { Logger } from './logging.js';

/** The place of a record in a log. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** How far a consumer group is in one partition: the next offset to handle, and the next that is written. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  readonly at: number;
  readonly end: number;
}

/** Counts and logs what stages met that should not be there. One a service: its metrics have one name each. */
export class StageNews {
  readonly #setAside: Counter<'stage' | 'topic'>;
  readonly #repaired: Counter<'topic'>;
  readonly #lag: Gauge<'group' | 'topic' | 'partition'>;
  /** The partitions that a group has now. */
  readonly #held = new Map<string, readonly PartitionLag[]>();

  constructor(
    private readonly logger: Logger,
    registry: Registry,
  ) {
    const registers = [registry];
    this.#setAside = new Counter({
      name: 'tributary_records_set_aside_total',
      help: 'records that a stage could not read, kept in records.set-aside.v1',
      labelNames: ['stage', 'topic'],
      registers,
    });
    this.#repaired = new Counter({
      name: 'tributary_repaired_keys_total',
      help: "keys of an owner's topics that another wrote, written again by the owner",
      labelNames: ['topic'],
      registers,
    });
    this.#lag = new Gauge({
      name: 'tributary_consumer_lag_records',
      help: 'records of the partition that the consumer group has not handled yet; of the partitions that this process has, every ten seconds',
      labelNames: ['group', 'topic', 'partition'],
      registers,
    });
  }

  /** Shows the lag of the partitions that a group has in this process, and no longer that of those that it had. */
  readonly lag = (group: string, lags: readonly PartitionLag[]): void => {
    for (const { topic, partition } of this.#held.get(group) ?? []) {
      this.#lag.remove({ group, topic, partition: String(partition) });
    }
    this.#held.set(group, lags);
    for (const { topic, partition, at, end } of lags) {
      this.#lag.set({ group, topic, partition: String(partition) }, Math.max(0, end - at));
    }
  };

  /** A record could not be read, and was kept aside. */
  readonly setAside = (news: RecordPlace & { readonly stage: string; readonly error: string }): void => {
    this.#setAside.inc({ stage: news.stage, topic: news.topic });
    this.logger.error(news, 'record set aside');
  };

  /** Another wrote to a partition that one owner writes, and was written over. */
  readonly repaired = (news: { topic: string; partition: number; keys: number }): void => {
    this.#repaired.inc({ topic: news.topic }, news.keys);
    this.logger.warn(news, 'keys repaired that another owner wrote');
  };
}
