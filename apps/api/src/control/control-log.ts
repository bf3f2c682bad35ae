import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Topic } from '@tributary/contracts';
import { ensureTopics, KafkaConnection, TopicFollower, type LogRecord } from '@tributary/kafka';
import { CONFIG, endProcess, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';

/** Makes and follows topics that say how far a definition has come. */
@Injectable()
export class ControlLog implements OnApplicationShutdown {
  readonly #followers: TopicFollower[] = [];

  constructor(
    private readonly connection: KafkaConnection,
    @Inject(CONFIG) readonly config: ApiConfig,
    @Inject(LOGGER) readonly logger: Logger,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
  }

  async create(topics: readonly Topic[]): Promise<void> {
    const { KAFKA_PARTITIONS: partitions, KAFKA_REPLICATION: replication } = this.config;
    await ensureTopics(this.connection, topics, { partitions, replication });
  }

  /** Resolves when every record that there is has been handed over; goes on until the service ends. */
  async follow(topic: Topic, take: (record: LogRecord) => void): Promise<void> {
    // Without it, what is in force would go on being answered as it was long ago.
    const follower = new TopicFollower(this.connection, topic, take, { onFatal: endProcess });
    this.#followers.push(follower);
    await follower.start();
  }
}
