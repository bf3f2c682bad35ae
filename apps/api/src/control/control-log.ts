import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Topic } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaConnection,
  TopicFollower,
  type LogRecord,
  type OutgoingRecord,
} from '@tributary/kafka';
import { CONFIG, endProcess, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';

/** Writes and follows the control topics. */
@Injectable()
export class ControlLog implements OnModuleInit, OnApplicationShutdown {
  readonly #producer: BatchingProducer;
  readonly #followers: TopicFollower[] = [];

  constructor(
    private readonly connection: KafkaConnection,
    @Inject(CONFIG) readonly config: ApiConfig,
    @Inject(LOGGER) readonly logger: Logger,
  ) {
    this.#producer = new BatchingProducer(connection);
  }

  async onModuleInit(): Promise<void> {
    await this.#producer.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
    await this.#producer.disconnect();
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

  /** The offsets of records that were written, whatever their topic; undefined where Kafka did not take them. */
  async send(records: readonly OutgoingRecord[]): Promise<readonly number[] | undefined> {
    try {
      return await this.#producer.send(records);
    } catch (error) {
      this.logger.warn({ err: error, topic: records[0]?.topic }, 'kafka took no definition');
      return undefined;
    }
  }
}
