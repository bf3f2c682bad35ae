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

/** Counts and logs what processors met that should not be there. One a service: its metrics have one name each. */
export class ProcessorNews {
  readonly #deadLetter: Counter<'processor' | 'topic'>;
  readonly #repaired: Counter<'topic'>;
  readonly #commitFailed: Counter<'group' | 'topic' | 'partition' | 'reason'>;
  readonly #lag: Gauge<'group' | 'topic' | 'partition'>;
  /** The partitions that a group has now. */
  readonly #held = new Map<string, readonly PartitionLag[]>();

  constructor(
    private readonly logger: Logger,
    registry: Registry,
  ) {
    const registers = [registry];
    this.#deadLetter = new Counter({
      name: 'tributary_dead_letters_total',
      help: 'records that a processor could not read, or that the broker refused, kept in dead-letters.v1',
      labelNames: ['processor', 'topic'],
      registers,
    });
    this.#repaired = new Counter({
      name: 'tributary_repaired_keys_total',
      help: "keys of an owner's topics that another wrote, written again by the owner",
      labelNames: ['topic'],
      registers,
    });
    this.#commitFailed = new Counter({
      name: 'tributary_offset_commits_failed_total',
      help: 'times that a consumer group was not told how far a partition is handled; reason: rebalanced, as whenever a member comes or goes, or failed',
      labelNames: ['group', 'topic', 'partition', 'reason'],
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

  /** A consumer group did not take how far a partition is handled. */
  readonly commitFailed = (news: {
    readonly groupId: string;
    readonly topic: string;
    readonly partition: number;
    readonly isOfOldGeneration: boolean;
  }): void => {
    const { groupId: group, topic, partition, isOfOldGeneration } = news;
    const reason = isOfOldGeneration ? 'rebalanced' : 'failed';
    this.#commitFailed.inc({ group, topic, partition: String(partition), reason });
  };

  /** A record could not be read, or was refused by the broker, and was kept aside. */
  readonly deadLetter = (
    news: Omit<RecordPlace, 'offset'> & {
      readonly processor: string;
      /** Absent of a record of the processor's own that the broker refused. */
      readonly offset?: number;
      readonly error: string;
    },
  ): void => {
    this.#deadLetter.inc({ processor: news.processor, topic: news.topic });
    this.logger.error(news, 'record dead-lettered');
  };

  /** Another wrote to a partition that one owner writes, and was written over. */
  readonly repaired = (news: { topic: string; partition: number; keys: number }): void => {
    this.#repaired.inc({ topic: news.topic }, news.keys);
    this.logger.warn(news, 'keys repaired that another owner wrote');
  };
}
