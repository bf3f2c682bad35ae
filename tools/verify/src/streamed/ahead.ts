import type { KafkaConnectionOptions } from '@tributary/kafka';
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { Onward } from '../log/onward.js';
import { startThread } from '../thread.js';

/** What the thread is given. */
export interface AheadOrder {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Of the facts. */
  readonly file: string;
  /** Whether profiles are asked for, beside assignments. */
  readonly withProfiles: boolean;
}

/**
 * Reads assignments and profiles in a thread of its own, from the topics' starts to the ends that they have then. What
 * comes behind that is left to who goes on: the last version counts, so it does not matter who read the others, and when.
 */
export class Ahead {
  readonly #thread: Worker;
  readonly #places: Promise<Onward['places']>;

  constructor(
    { brokers, clientId }: KafkaConnectionOptions,
    facts: Pick<AheadOrder, 'file' | 'withProfiles'>,
  ) {
    const order: AheadOrder = { brokers, clientId, ...facts };
    this.#thread = startThread('streamed/ahead.thread.js', order);
    this.#places = once(this.#thread, 'message').then(([places]) => places as Onward['places']);
    // Where it fails before anybody waits for it.
    this.#places.catch(() => undefined);
  }

  /** Where it has come to; its file is free by then. Rejects when it could not read. */
  places(): Promise<Onward['places']> {
    return this.#places;
  }

  /** Ends it, wherever it is. */
  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}
