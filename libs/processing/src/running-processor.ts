import type { OnApplicationShutdown, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import {
  kafkaLogs,
  type KafkaBatchStrategy,
  type KafkaConnection,
  type LogRecord,
  type PartitionBatch,
} from '@tributary/kafka';
import { partitionOf } from '@tributary/kernel';
import { endProcess, type CommonConfig, type ProcessorNews } from '@tributary/service';
import { deadLetterRecord, ProcessorGroup, type Reading } from '@tributary/state';
import type { Registry } from 'prom-client';
import type { BatchHandler } from './batch-consumer.js';
import { toProcessorOptions, type Definitions, type ProcessorDeclaration } from './processor-declaration.js';

/** What the service gives to its processors. */
export interface Surroundings<C, B> {
  readonly transportId: symbol;
  readonly config: C;
  readonly connection: KafkaConnection;
  readonly news: ProcessorNews;
  readonly metrics: Registry;
  readonly beside: B | undefined;
  readonly now: () => number;
  /** Where this process answers for its partitions; undefined where it answers nobody. */
  readonly address?: () => string | undefined;
}

/** A declared processor as a Nest provider: it starts once its definitions are read, and hears of each that changes. */
export class RunningProcessor<C extends CommonConfig, S extends object, D extends Definitions | undefined, B>
  implements BatchHandler, OnModuleInit, OnModuleDestroy, OnApplicationShutdown
{
  readonly #group: ProcessorGroup<S>;
  readonly #definitions: D;
  readonly #news: ProcessorNews;
  readonly #partitions: number;

  constructor(
    declaration: ProcessorDeclaration<C, S, D, B>,
    { transportId, config, connection, news, metrics, beside, now, address }: Surroundings<C, B>,
  ) {
    this.#news = news;
    this.#partitions = config.KAFKA_PARTITIONS;
    const { groupId, definitions } = declaration;
    this.#definitions = definitions?.follow(
      connection,
      (record, error) => this.#deadLetter(definitions.name, record, error),
      endProcess,
    ) as D;
    const logs = kafkaLogs(connection, { send: (records) => this.#group.producer.send(records) });
    this.#group = new ProcessorGroup<S>({
      ...toProcessorOptions(declaration, {
        ...{ config, beside, logs, metrics, definitions: this.#definitions, now },
      }),
      groupId,
      transportId,
      connection,
      address,
      dataDir: config.TRIBUTARY_DATA,
      layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
      onDeadLetter: news.deadLetter,
      onLag: news.lag,
      onCommitFailure: news.commitFailed,
      onRepaired: news.repaired,
      onFatal: endProcess,
    });
  }

  get strategy(): KafkaBatchStrategy {
    return this.#group.strategy;
  }

  /**
   * What the processor answers of a key, by which its inputs are partitioned; undefined where this process does not own
   * its partition, or has not caught up with what was in the log when it got it.
   */
  read(key: string, owner = key): Reading | undefined {
    const partition = partitionOf(owner, this.#partitions);
    if (!this.strategy.isOwnerOf(partition)) return undefined;
    return this.#group.processor.read(partition, key);
  }

  handle(batch: PartitionBatch): Promise<void> {
    return this.#group.processor.handle(batch);
  }

  async onModuleInit(): Promise<void> {
    await this.#group.onModuleInit();
    await this.#definitions?.start(() => this.#group.processor.redefined());
  }

  async onModuleDestroy(): Promise<void> {
    await this.#definitions?.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#group.onApplicationShutdown();
  }

  async #deadLetter(reader: string, record: LogRecord, error: string): Promise<void> {
    const { topic, partition, offset } = record;
    await this.#group.producer.send([deadLetterRecord(reader, { record, error })]);
    this.#news.deadLetter({ processor: reader, topic, partition, offset, error });
  }
}
