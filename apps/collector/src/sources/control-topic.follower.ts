import { readerOf, TOPICS, type SourceMessage } from '@tributary/contracts';
import {
  ensureTopics,
  TopicFollower,
  type KafkaConnection,
  type LogRecord,
  type TopicLayout,
} from '@tributary/kafka';
import { parseScopedKey } from '@tributary/kernel';
import type { Logger } from '@tributary/service';

/** The definitions of a workspace by id. */
export type SourcesById = ReadonlyMap<string, SourceMessage>;

export interface ControlTopicOptions {
  readonly connection: KafkaConnection;
  readonly layout: TopicLayout;
  readonly workspaceId: string;
  readonly logger: Logger;
  /** Called when all there is has been read, and after each change from then on; waited for. */
  readonly onSources: (sources: SourcesById) => Promise<void>;
  /** Called when the topic cannot be read, or no more: it is tried again from the beginning. */
  readonly onFailure: (error: unknown) => void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const read = readerOf(TOPICS.sources);

/** Reads `control.sources.v1` whole and follows it; begins again, with patience, whenever that fails. */
export class ControlTopicFollower {
  readonly #options: ControlTopicOptions;
  #follower: TopicFollower | undefined;
  #hasEnded = false;

  constructor(options: ControlTopicOptions) {
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
  }

  /** Resolves when the topic has been read; `lost`, with the reason, when it is followed no more. */
  async #start(): Promise<{ readonly lost: Promise<unknown> }> {
    const { connection, layout, onSources } = this.#options;
    const lost = Promise.withResolvers<unknown>();
    // A map of its own: what was removed while nobody read, and compacted, is in the former one still.
    const sources = new Map<string, SourceMessage>();
    let isWhole = false;
    const take = async (record: LogRecord) => {
      if (this.#apply(record, sources) && isWhole) await onSources(sources);
    };
    await ensureTopics(connection, [TOPICS.sources], layout);
    if (this.#hasEnded) throw new Error('stopped before the topic could be read');
    const follower = new TopicFollower(connection, TOPICS.sources, take, { onFatal: lost.resolve });
    this.#follower = follower;
    await follower.start();
    isWhole = true;
    await onSources(sources);
    return { lost: lost.promise };
  }

  /** Whether the record changed anything. Of a definition that cannot be read, the one before stays in force. */
  #apply({ key, value, headers, offset }: LogRecord, sources: Map<string, SourceMessage>): boolean {
    const { workspaceId, logger } = this.#options;
    const scope = parseScopedKey(key);
    if (scope.workspaceId !== workspaceId) return false;
    if (value === null) return sources.delete(scope.id);
    const message = read(value, headers.schema);
    if (!message.ok) {
      logger.error({ key, offset, reason: message.error }, 'source is unreadable and passed over');
      return false;
    }
    sources.set(scope.id, message.value as SourceMessage);
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
