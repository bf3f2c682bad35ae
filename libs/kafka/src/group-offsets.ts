import type { Consumer } from 'kafkajs';

const EVERY_MS = 1_000;

/**
 * Tells the group how far its topics are handled, all partitions in one request a second: the client's own way is a
 * request for each batch of each partition. What was not committed when the process ends is handled again.
 */
export class GroupOffsets {
  readonly #consumer: Pick<Consumer, 'commitOffsets'>;
  /** `topic/partition` → what is to be committed of it. */
  readonly #waiting = new Map<
    string,
    { readonly topic: string; readonly partition: number; readonly offset: string }
  >();
  #timer: NodeJS.Timeout | undefined;

  constructor(consumer: Pick<Consumer, 'commitOffsets'>) {
    this.#consumer = consumer;
  }

  /** Takes the next offset to handle. */
  reached(topic: string, partition: number, offset: number): void {
    this.#waiting.set(`${topic}/${partition}`, { topic, partition, offset: String(offset) });
    this.#timer ??= setTimeout(() => void this.flush(), EVERY_MS);
  }

  /** Partitions may be another member's now: its word counts. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
  }

  /** Commits now what is waiting. A request that fails, as in the middle of a rebalance, leaves the group behind until the next commit. */
  async flush(): Promise<void> {
    const told = [...this.#waiting.values()];
    this.forget();
    if (told.length > 0) await this.#consumer.commitOffsets(told).catch(() => undefined);
  }
}
