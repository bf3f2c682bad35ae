import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { setTimeout as delay } from 'node:timers/promises';
import { isObservable, lastValueFrom } from 'rxjs';
import type { KafkaConnection } from './connection.js';
import type { CommitFailure } from './group-offsets.js';
import { GroupConsumer, type GroupConsumerOptions } from './group-consumer.js';
import type { PartitionOwner } from './partition-owner.js';
import type { PartitionBatch } from './records.js';
import type { Lag } from './watchdog.js';

export interface KafkaBatchStrategyOptions {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  /** Ties `@EventPattern(topic, transportId)` handlers to this group. */
  readonly transportId: symbol;
  readonly concurrency?: number;
  /** As of {@link GroupConsumerOptions}. */
  readonly partitionFetchBytes?: number;
  readonly owner?: PartitionOwner;
  readonly sessionTimeoutMs?: number;
  readonly stuckAfterMs?: number;
  /** As of {@link GroupConsumerOptions}. */
  readonly address?: GroupConsumerOptions['address'];
  /** As of {@link GroupConsumerOptions}. */
  readonly onLag?: ((groupId: string, lags: readonly Lag[]) => void) | undefined;
  /** As of {@link GroupConsumerOptions}. */
  readonly onCommitFailure?: ((failure: CommitFailure) => void) | undefined;
  /**
   * Neither the start nor the end of the service waits for Kafka any longer, in milliseconds; the group is joined when
   * Kafka is there. Without it both wait, and a start without Kafka fails.
   */
  readonly patienceMs?: number;
  /** Ends the process; by default it prints the error and exits with 1. */
  readonly onFatal?: (error: unknown) => void;
}

const START_AGAIN_MS = 500;

/**
 * One consumer group as a Nest transport: `@EventPattern(topic, transportId)` methods take batches per partition.
 * The next batch of a partition comes when the method has resolved; when it rejects, the process ends and nothing
 * past the batch is committed.
 */
export class KafkaBatchStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId: symbol;
  readonly #options: KafkaBatchStrategyOptions;
  #consumer: GroupConsumer | undefined;
  #closing = false;

  constructor(options: KafkaBatchStrategyOptions) {
    super();
    this.#options = options;
    this.transportId = options.transportId;
  }

  /** Throws when this member slept past its session; to be called before each send of what it owns. */
  assertAlive(): void {
    this.#consumer?.liveness.assertAlive();
  }

  /** As of {@link GroupConsumer}. */
  isOwnerOf(partition: number): boolean {
    return this.#consumer?.isOwnerOf(partition) ?? false;
  }

  listen(callback: (error?: unknown) => void): void {
    const topics = [...this.messageHandlers.keys()];
    if (topics.length === 0) {
      callback(new Error(`consumer group ${this.#options.groupId} has no handler: is its module imported?`));
      return;
    }
    this.#patiently(this.#start(topics)).then(() => {
      callback();
    }, callback);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#patiently(this.#consumer?.close());
  }

  on(): never {
    throw new Error('the Kafka batch strategy emits no events of its own');
  }

  // The base class asks for a type parameter that nothing can honour.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  unwrap<T>(): T {
    return this.#consumer as T;
  }

  async #start(topics: readonly string[]): Promise<void> {
    const { patienceMs, onFatal = endProcess } = this.#options;
    for (;;) {
      this.#consumer = new GroupConsumer({ ...this.#options, topics, onFatal }, (batch) =>
        this.#dispatch(batch),
      );
      try {
        await this.#consumer.start();
        return;
      } catch (error) {
        if (this.#closing) return;
        if (patienceMs === undefined) throw error;
        await delay(START_AGAIN_MS);
      }
    }
  }

  async #patiently(work: Promise<void> | undefined): Promise<void> {
    const { patienceMs, onFatal = endProcess } = this.#options;
    if (patienceMs === undefined || !work) return work;
    let isLate = false;
    const done = work.catch((error: unknown) => {
      if (!isLate) throw error;
      if (!this.#closing) onFatal(error);
    });
    const timer = new AbortController();
    const late = delay(patienceMs, undefined, { signal: timer.signal }).then(
      () => {
        isLate = true;
      },
      () => undefined,
    );
    await Promise.race([done, late]).finally(() => {
      timer.abort();
    });
  }

  async #dispatch(batch: PartitionBatch): Promise<void> {
    // Nest's own look-up takes the pattern for JSON first, and a topic is none.
    const handler = this.messageHandlers.get(batch.topic);
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
