import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { readerOf, type MessageReader, type Topic } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaConnection,
  TopicFollower,
  type LogRecord,
  type OutgoingRecord,
} from '@tributary/kafka';
import { failed, ok, parseScopedKey, scopedKey, type Result } from '@tributary/kernel';
import { brokersOf, endProcess, type Logger } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import { LogProgress } from './log-progress.js';

const READ_BACK_MS = 10_000;

/** A definition in force, and its version. */
export interface Stored<T> {
  readonly value: T;
  /** Grows with every change. */
  readonly version: number;
}

export interface KafkaControlRecordsOptions<T> {
  readonly topic: Topic;
  readonly config: ApiConfig;
  readonly logger: Logger;
  /** Topics that are written beside it: they are created as well. */
  readonly alsoWritten?: readonly Topic[];
  /** Looks at each definition that is read, the own ones too; the error says why it cannot be in force. */
  readonly onRead?: (value: T) => Result<unknown, string>;
}

/** The definitions of one kind that are in force in the workspace, by id, as a compacted topic of one partition has them; a version is the offset of the record. */
export class KafkaControlRecords<T> implements OnModuleInit, OnApplicationShutdown {
  readonly #options: KafkaControlRecordsOptions<T>;
  readonly #connection: KafkaConnection;
  readonly #producer: BatchingProducer;
  readonly #follower: TopicFollower;
  readonly #read: MessageReader;
  readonly #stored = new Map<string, Stored<T>>();
  readonly #progress = new LogProgress();

  constructor(options: KafkaControlRecordsOptions<T>) {
    const { topic, config, logger } = options;
    this.#options = options;
    this.#read = readerOf(topic);
    this.#connection = new KafkaConnection({ brokers: brokersOf(config), clientId: 'api', logger });
    this.#producer = new BatchingProducer(this.#connection);
    const take = (record: LogRecord) => {
      this.#take(record);
    };
    // Without it, the catalog would go on answering with what was in force long ago.
    this.#follower = new TopicFollower(this.#connection, topic, take, { onFatal: endProcess });
  }

  /** Resolves when every definition there is has been read; creates the topic, and those that are written beside it. */
  async onModuleInit(): Promise<void> {
    const { topic, config, alsoWritten = [] } = this.#options;
    await ensureTopics(this.#connection, [...alsoWritten, topic], {
      partitions: config.KAFKA_PARTITIONS,
      replication: config.KAFKA_REPLICATION,
    });
    await this.#producer.connect();
    await this.#follower.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#follower.stop();
    await this.#producer.disconnect();
  }

  find(id: string): Stored<T> | undefined {
    return this.#stored.get(id);
  }

  /** In the order of their ids. */
  all(): readonly Stored<T>[] {
    return [...this.#stored].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stored]) => stored);
  }

  /**
   * Puts a definition in force. Once it resolves, {@link find} shows what was put. Nothing is certain after a failure:
   * it may be in force later.
   */
  async put(id: string, value: T) {
    const version = await this.#write(id, JSON.stringify(value));
    return version === undefined ? failed('unavailable' as const) : ok({ value, version });
  }

  /** Once it resolves, it is shown no more. */
  async remove(id: string) {
    const version = await this.#write(id, null);
    return version === undefined ? failed('unavailable' as const) : ok(undefined);
  }

  /** The offsets of records that were written, whatever their topic; undefined where Kafka did not take them. */
  async send(records: readonly OutgoingRecord[]): Promise<readonly number[] | undefined> {
    try {
      return await this.#producer.send(records);
    } catch (error) {
      this.#options.logger.warn({ err: error, topic: this.#options.topic.name }, 'kafka took no definition');
      return undefined;
    }
  }

  /** Answers with the offset once the record has been read back. */
  async #write(id: string, value: string | null): Promise<number | undefined> {
    const { topic, config } = this.#options;
    const key = scopedKey(config.TRIBUTARY_WORKSPACE, id);
    const [schema = ''] = Object.keys(topic.schemas);
    const offsets = await this.send([{ topic: topic.name, key, value, headers: { schema } }]);
    const offset = offsets?.[0];
    if (offset === undefined) return undefined;
    return (await this.#progress.reaches(offset, READ_BACK_MS)) ? offset : undefined;
  }

  #take(record: LogRecord): void {
    this.#apply(record);
    this.#progress.advance(record.offset);
  }

  #apply({ key, value, headers, offset }: LogRecord): void {
    const { config, logger, topic, onRead } = this.#options;
    const { workspaceId, id } = parseScopedKey(key);
    if (workspaceId !== config.TRIBUTARY_WORKSPACE) return;
    if (value === null) {
      this.#stored.delete(id);
      return;
    }
    const message = this.#read(value, headers.schema);
    const checked = message.ok && onRead ? onRead(message.value as T) : message;
    if (!message.ok || !checked.ok) {
      const reason = checked.ok ? undefined : checked.error;
      logger.error({ topic: topic.name, key, offset, reason }, 'definition is unreadable and passed over');
      return;
    }
    this.#stored.set(id, { value: message.value as T, version: offset });
  }
}
