import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { TOPICS } from '@tributary/contracts';
import { BatchingProducer, ensureTopics, KafkaConnection, type OutgoingRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';
import { CONFIG, HEALTH, HealthRegistry, LOGGER, type Logger } from '@tributary/service';
import { performance } from 'node:perf_hooks';
import type { CollectorConfig } from '../collector.config.js';
import { InFlight } from './in-flight.js';
import type { AppendFailure, EventLog } from './event-log.port.js';

/** A failure makes the collector unready for this long; then a request may find out whether Kafka is back. */
const FAILURE_REMEMBERED_MS = 5_000;

@Injectable()
export class KafkaEventLog implements EventLog, OnModuleInit, OnApplicationShutdown {
  readonly #producer: BatchingProducer;
  #failedAt = -Infinity;

  constructor(
    @Inject(CONFIG) private readonly config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HEALTH) health: HealthRegistry,
    private readonly connection: KafkaConnection,
    private readonly inFlight: InFlight,
  ) {
    this.#producer = new BatchingProducer(connection);
    health.add('kafka', () => performance.now() - this.#failedAt > FAILURE_REMEMBERED_MS);
  }

  async onModuleInit(): Promise<void> {
    await ensureTopics(this.connection, [TOPICS.events, TOPICS.rejected], {
      partitions: this.config.KAFKA_PARTITIONS,
      replication: this.config.KAFKA_REPLICATION,
    });
    await this.#producer.connect();
  }

  /** After the last request was answered: Nest closes the listener first. What is still unwritten was answered 503. */
  async onApplicationShutdown(): Promise<void> {
    const closed = this.#producer.disconnect().then(() => true);
    if (!(await this.#inTime(closed))) this.logger.warn('kafka is away at the end');
  }

  async append(
    records: readonly OutgoingRecord[],
    sourceId?: string,
  ): Promise<Result<undefined, AppendFailure>> {
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    if (!this.inFlight.reserve(bytes, sourceId)) return failed('overloaded');
    // What is given up on is still in memory: it counts until the producer has let go of it.
    const written = this.#producer.send(records).then(
      () => true,
      (error: unknown) => {
        this.logger.warn({ err: error, records: records.length }, 'kafka took no events');
        return false;
      },
    );
    const settled = written.finally(() => {
      this.inFlight.release(bytes, sourceId);
    });
    if (await this.#inTime(settled)) return ok(undefined);
    this.#failedAt = performance.now();
    return failed('unavailable');
  }

  async #inTime(done: Promise<boolean>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => {
        resolve(false);
      }, this.config.COLLECTOR_APPEND_TIMEOUT_MS);
    });
    try {
      return await Promise.race([done, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
