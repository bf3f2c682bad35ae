import { TOPICS } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  type KafkaConnection,
  type OutgoingRecord,
  TopicLayoutError,
  type TopicLayout,
} from '@tributary/kafka';
import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaSender } from './kafka-sender.port.js';

const CONNECT_AGAIN_MS = 500;

/** A producer that comes to be connected when Kafka does: the start of the collector does not depend on it. */
export class KafkaLink implements KafkaSender {
  readonly #producer: BatchingProducer;
  #isConnected = false;
  #closed = false;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly layout: TopicLayout,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.#producer = new BatchingProducer(connection);
  }

  /**
   * Makes the topics that are missing and connects, however long that takes.
   *
   * @throws TopicLayoutError
   */
  async connect(): Promise<void> {
    while (!this.#closed && !this.#isConnected) {
      try {
        await ensureTopics(this.connection, [TOPICS.events, TOPICS.rejected], this.layout);
        await this.#producer.connect();
        this.#isConnected = true;
      } catch (error) {
        if (error instanceof TopicLayoutError) throw error;
        this.onFailure(error);
        await delay(CONNECT_AGAIN_MS);
      }
    }
  }

  async send(records: readonly OutgoingRecord[]): Promise<unknown> {
    if (!this.#isConnected) throw new Error('kafka has not answered since the start');
    return this.#producer.send(records);
  }

  withdraw(): void {
    this.#producer.withdraw();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#isConnected) await this.#producer.disconnect();
  }
}
