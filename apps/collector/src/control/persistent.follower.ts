import type { Topic } from '@tributary/contracts';
import {
  ensureTopics,
  TopicFollower,
  type KafkaConnection,
  type LogRecord,
  type TopicLayout,
} from '@tributary/kafka';

export interface PersistentFollowerOptions {
  readonly connection: KafkaConnection;
  readonly topic: Topic;
  readonly layout: TopicLayout;
  /** Called before each reading from the beginning; answers who takes the records of this one. */
  readonly begin: () => Taking;
  /** Called when the topic cannot be read, or no more: it is tried again from the beginning. */
  readonly onFailure: (error: unknown) => void;
}

/** Takes the records of one reading; what it answers is waited for. */
export interface Taking {
  /** `isWhole`: all that there was at the start has been read. */
  take(record: LogRecord, isWhole: boolean): Promise<void> | void;
  /** All that there was has been read. */
  whole(): Promise<void> | void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Reads a topic whole and follows it; begins again, with patience, whenever that fails. */
export class PersistentFollower {
  readonly #options: PersistentFollowerOptions;
  #follower: TopicFollower | undefined;
  #whole: Promise<void> = Promise.resolve();
  #hasEnded = false;

  constructor(options: PersistentFollowerOptions) {
    this.#options = options;
  }

  /** Goes on until it is stopped. */
  async run(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.#hasEnded) {
      try {
        const { lost } = await this.#start();
        pause = FIRST_PAUSE_MS;
        this.#fail(await lost);
      } catch (error) {
        this.#fail(error);
      }
      await this.#stopFollower();
      await new Promise((resolve) => setTimeout(resolve, pause).unref());
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }

  async stop(): Promise<void> {
    this.#hasEnded = true;
    await this.#stopFollower();
    // It may write the copy of what was read.
    await this.#whole.catch(() => undefined);
  }

  /** Resolves when the topic has been read; `lost`, with the reason, when it is followed no more. */
  async #start(): Promise<{ readonly lost: Promise<unknown> }> {
    const { connection, topic, layout, begin } = this.#options;
    const lost = Promise.withResolvers<unknown>();
    const taking = begin();
    let isWhole = false;
    await ensureTopics(connection, [topic], layout);
    if (this.#hasEnded) throw new Error('stopped before the topic could be read');
    const follower = new TopicFollower(connection, topic, (record) => taking.take(record, isWhole), {
      onFatal: lost.resolve,
    });
    this.#follower = follower;
    await follower.start();
    isWhole = true;
    this.#whole = Promise.resolve(taking.whole());
    await this.#whole;
    return { lost: lost.promise };
  }

  #fail(error: unknown): void {
    if (!this.#hasEnded) this.#options.onFailure(error);
  }

  async #stopFollower(): Promise<void> {
    const follower = this.#follower;
    this.#follower = undefined;
    await follower?.stop().catch(() => undefined);
  }
}
