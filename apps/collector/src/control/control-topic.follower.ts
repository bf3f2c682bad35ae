import { readerOf, type Topic } from '@tributary/contracts';
import {
  ensureTopics,
  TopicFollower,
  type KafkaConnection,
  type LogRecord,
  type TopicLayout,
} from '@tributary/kafka';
import type { Logger } from '@tributary/service';

export interface ControlTopicOptions<M> {
  readonly connection: KafkaConnection;
  /** Of its schemas all are such messages. */
  readonly topic: Topic;
  readonly layout: TopicLayout;
  readonly logger: Logger;
  /**
   * Called with the definitions of all workspaces by their keys when all there is has been read, and after each change from then
   * on; waited for.
   */
  readonly onDefinitions: (definitions: ReadonlyMap<string, M>) => Promise<void>;
  /** Called when the topic cannot be read, or no more: it is tried again from the beginning. */
  readonly onFailure: (error: unknown) => void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Reads a topic of definitions whole and follows it; begins again, with patience, whenever that fails. */
export class ControlTopicFollower<M> {
  readonly #options: ControlTopicOptions<M>;
  readonly #read: ReturnType<typeof readerOf>;
  #follower: TopicFollower | undefined;
  #hasEnded = false;

  constructor(options: ControlTopicOptions<M>) {
    this.#options = options;
    this.#read = readerOf(options.topic);
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
  }

  /** Resolves when the topic has been read; `lost`, with the reason, when it is followed no more. */
  async #start(): Promise<{ readonly lost: Promise<unknown> }> {
    const { connection, topic, layout, onDefinitions } = this.#options;
    const lost = Promise.withResolvers<unknown>();
    // A map of its own: what was removed while nobody read, and compacted, is in the former one still.
    const definitions = new Map<string, M>();
    let isWhole = false;
    const take = async (record: LogRecord) => {
      if (this.#apply(record, definitions) && isWhole) await onDefinitions(definitions);
    };
    await ensureTopics(connection, [topic], layout);
    if (this.#hasEnded) throw new Error('stopped before the topic could be read');
    const follower = new TopicFollower(connection, topic, take, { onFatal: lost.resolve });
    this.#follower = follower;
    await follower.start();
    isWhole = true;
    await onDefinitions(definitions);
    return { lost: lost.promise };
  }

  /** Whether the record changed anything. Of a definition that cannot be read, the one before stays in force. */
  #apply({ topic, key, value, headers, offset }: LogRecord, definitions: Map<string, M>): boolean {
    const { logger } = this.#options;
    if (value === null) return definitions.delete(key);
    const message = this.#read(value, headers.schema);
    if (!message.ok) {
      logger.error({ topic, key, offset, reason: message.error }, 'definition is unreadable and passed over');
      return false;
    }
    definitions.set(key, message.value as M);
    return true;
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
