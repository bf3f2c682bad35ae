import { Counter, type Registry } from 'prom-client';
import type { Logger } from './logging.js';

/** The place of a record in a log. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Counts and logs what stages met that should not be there. One a service: its metrics have one name each. */
export class StageNews {
  readonly #setAside: Counter<'stage' | 'topic'>;
  readonly #repaired: Counter<'topic'>;

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
  }

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
