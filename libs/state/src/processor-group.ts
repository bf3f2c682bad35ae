import { ALL_TOPICS } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaBatchStrategy,
  kafkaLogs,
  type KafkaBatchStrategyOptions,
  type KafkaConnection,
  type TopicLayout,
} from '@tributary/kafka';
import { refusedRecord } from './dead-letter.js';
import { Processor } from './processor.js';
import type { ProcessorOptions } from './processor-options.js';

export interface ProcessorGroupOptions<S extends object> extends Omit<ProcessorOptions<S>, 'logs'> {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly transportId: symbol;
  readonly layout: TopicLayout;
  /** Where this process answers for its partitions. */
  readonly address?: KafkaBatchStrategyOptions['address'];
  /** Takes the lag of the partitions that this process has. */
  readonly onLag?: KafkaBatchStrategyOptions['onLag'];
  /** Takes each partition of which the group was not told how far it is. */
  readonly onCommitFailure?: KafkaBatchStrategyOptions['onCommitFailure'];
}

/**
 * A processor with what carries it: the consumer group that owns its partitions, and a producer that refuses to write
 * once this process has slept past its session. A Nest provider: connects with the module, and closes after the
 * consumer group has drained.
 */
export class ProcessorGroup<S extends object> {
  readonly processor: Processor<S>;
  readonly strategy: KafkaBatchStrategy;
  readonly producer: BatchingProducer;
  readonly #options: ProcessorGroupOptions<S>;

  constructor(options: ProcessorGroupOptions<S>) {
    this.#options = options;
    const { name, connection, groupId, transportId, onFatal, onLag, onDeadLetter, onCommitFailure } = options;
    const { address, now = Date.now } = options;
    this.producer = new BatchingProducer(connection, {
      standIn: (refused) => {
        const { topic, partition, value } = refused;
        const error = `refused by the broker: ${Buffer.byteLength(value ?? '')} bytes`;
        onDeadLetter?.({ processor: name, topic, partition, error });
        return refusedRecord(name, refused, now());
      },
      beforeSend: () => {
        this.strategy.assertAlive();
      },
    });
    this.processor = new Processor<S>({ ...options, logs: kafkaLogs(connection, this.producer) });
    this.strategy = new KafkaBatchStrategy({
      connection,
      groupId,
      transportId,
      owner: this.processor,
      address,
      onFatal,
      onLag,
      onCommitFailure,
    });
  }

  async onModuleInit(): Promise<void> {
    await ensureTopics(this.#options.connection, ALL_TOPICS, this.#options.layout);
    await this.producer.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.producer.disconnect();
  }
}
