import type { Topic } from '@tributary/contracts';
import type { KafkaConnection } from '@tributary/kafka';
import type { Logger } from '@tributary/service';
import type { Static, TSchema } from 'typebox';
import type { CollectorConfig } from '../collector.config.js';
import { ControlCopy } from './control-copy.js';
import { ControlTopicFollower } from './control-topic.follower.js';

/** How long a start waits for the topic where there is a copy to begin with. */
const PATIENCE_MS = 10_000;

export interface FollowedOptions<S extends TSchema> {
  readonly config: CollectorConfig;
  readonly connection: KafkaConnection;
  readonly logger: Logger;
  readonly topic: Topic;
  /** Of each definition in the topic. */
  readonly schema: S;
  /** Of the copy. */
  readonly name: string;
  /** Puts all that there are in force. */
  readonly put: (definitions: readonly Static<S>[]) => Promise<void> | void;
}

/** The definitions of a control topic, of all workspaces, put in force one change after the other; those known last where Kafka is away. */
export class FollowedDefinitions<S extends TSchema> {
  readonly #options: FollowedOptions<S>;
  readonly #follower: ControlTopicFollower<Static<S>>;
  readonly #copy: ControlCopy<S>;
  readonly #firstTry = Promise.withResolvers<undefined>();
  #isKnown = false;
  #change: Promise<void> = Promise.resolve();

  constructor(options: FollowedOptions<S>) {
    const { config, connection, logger, topic, name, schema } = options;
    this.#options = options;
    this.#copy = new ControlCopy(config.TRIBUTARY_DATA, name, schema);
    this.#follower = new ControlTopicFollower<Static<S>>({
      connection,
      topic,
      layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
      logger,
      onDefinitions: (definitions) => this.#follow([...definitions.values()]),
      onFailure: (error) => {
        logger.warn({ topic: topic.name, err: error }, 'definitions are not followed; trying again');
        this.#firstTry.resolve(undefined);
      },
    });
  }

  /** Whether any were put in force. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Waits for the topic, so that nothing of today is validated by the copy of yesterday; not for ever. */
  async start(): Promise<void> {
    void this.#follower.run();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, undefined);
    });
    await Promise.race([this.#firstTry.promise, late]);
    clearTimeout(timer);
    if (!this.#isKnown) await this.#beginWithCopy();
  }

  async stop(): Promise<void> {
    await this.#follower.stop();
  }

  async #beginWithCopy(): Promise<void> {
    const { logger, name } = this.#options;
    try {
      const definitions = await this.#copy.read();
      // The topic may have been read meanwhile.
      if (!definitions || this.#isKnown) return;
      logger.warn({ name, count: definitions.length }, 'kafka is away: definitions are those known last');
      await this.#put(definitions);
    } catch (error) {
      logger.error({ name, err: error }, 'the copy of the definitions is unreadable');
    }
  }

  /** The copy is written once they are in force; a crash between the two leaves the one before, for the next start. */
  async #follow(definitions: readonly Static<S>[]): Promise<void> {
    const { logger, name } = this.#options;
    await this.#put(definitions);
    this.#firstTry.resolve(undefined);
    try {
      await this.#copy.write(definitions);
    } catch (error) {
      logger.error({ name, err: error }, 'the copy of the definitions was not written');
    }
  }

  async #put(definitions: readonly Static<S>[]): Promise<void> {
    const changed = this.#change.then(async () => {
      await this.#options.put(definitions);
      this.#isKnown = true;
    });
    this.#change = changed.catch(() => undefined);
    return changed;
  }
}
