import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { KafkaConnection } from './connection.js';
import { GroupConsumer } from './group-consumer.js';
import type { PartitionOwner } from './partition-owner.js';
import type { PartitionBatch } from './records.js';

export interface KafkaBatchStrategyOptions {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  /** Ties `@EventPattern(topic, transportId)` handlers to this group. */
  readonly transportId: symbol;
  readonly concurrency?: number;
  readonly owner?: PartitionOwner;
  readonly sessionTimeoutMs?: number;
  readonly stuckAfterMs?: number;
  /** Ends the process; by default it prints the error and exits with 1. */
  readonly onFatal?: (error: unknown) => void;
}

/**
 * One consumer group as a Nest transport: `@EventPattern(topic, transportId)` methods take batches per partition.
 * The next batch of a partition comes when the method has resolved; when it rejects, the process ends and nothing
 * past the batch is committed.
 */
export class KafkaBatchStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId: symbol;
  readonly #options: KafkaBatchStrategyOptions;
  #consumer: GroupConsumer | undefined;

  constructor(options: KafkaBatchStrategyOptions) {
    super();
    this.#options = options;
    this.transportId = options.transportId;
  }

  /** Throws when this member slept past its session; to be called before each send of what it owns. */
  assertAlive(): void {
    this.#consumer?.liveness.assertAlive();
  }

  listen(callback: (error?: unknown) => void): void {
    const topics = [...this.messageHandlers.keys()];
    if (topics.length === 0) {
      callback(new Error(`consumer group ${this.#options.groupId} has no handler: is its module imported?`));
      return;
    }
    this.#consumer = new GroupConsumer(
      { ...this.#options, topics, onFatal: this.#options.onFatal ?? endProcess },
      (batch) => this.#dispatch(batch),
    );
    this.#consumer.start().then(() => {
      callback();
    }, callback);
  }

  async close(): Promise<void> {
    await this.#consumer?.close();
  }

  on(): never {
    throw new Error('the Kafka batch strategy emits no events of its own');
  }

  // The base class asks for a type parameter that nothing can honour.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  unwrap<T>(): T {
    return this.#consumer as T;
  }

  async #dispatch(batch: PartitionBatch): Promise<void> {
    const handler = this.getHandlerByPattern(batch.topic);
    if (!handler) throw new Error(`no handler for ${batch.topic} in group ${this.#options.groupId}`);
    const result: unknown = await handler(batch, { topic: batch.topic, partition: batch.partition });
    if (!isObservable(result)) return;
    try {
      await lastValueFrom(result, { defaultValue: undefined });
    } catch (error) {
      throw error instanceof Error ? error : new HiddenHandlerError(batch, this.#options.groupId, error);
    }
  }
}

function endProcess(error: unknown): void {
  console.error(error);
  process.exit(1);
}

/** What a handler threw was replaced before it came here: an exception filter, Nest's own unless there is another, did so. */
class HiddenHandlerError extends Error {
  constructor({ topic, partition, records }: PartitionBatch, groupId: string, shown: unknown) {
    super(
      `the handler of ${topic} in group ${groupId} rejected the batch of partition ${partition} from offset ` +
        `${records[0]?.offset}, and an exception filter shows only ${JSON.stringify(shown)}: ` +
        'the microservice needs a filter that hands errors on as they are',
    );
    this.name = 'HiddenHandlerError';
  }
}
