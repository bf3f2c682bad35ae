import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { KafkaConnection, type OutgoingRecord } from '@tributary/kafka';
import { parseScopedKey, type Clock, type Result } from '@tributary/kernel';
import {
  CLOCK,
  CONFIG,
  endProcess,
  HEALTH,
  HealthRegistry,
  LOGGER,
  METRICS,
  type Logger,
} from '@tributary/service';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';
import type { CollectorConfig } from '../collector.config.js';
import { SUPPRESSIONS, type Suppressions } from '../suppressions/suppressions.port.js';
import { DurableEventLog } from './durable.event-log.js';
import type { AppendFailure, EventLog } from './event-log.port.js';
import { InFlight } from './in-flight.js';
import { KafkaLink } from './kafka-link.js';
import { Spool } from './spool/spool.js';
import { SpoolMetrics } from './spool.metrics.js';

/** How long the start waits for Kafka before it goes on with the spool, and the end for what is under way. */
const PATIENCE_MS = 3_000;
const END_PATIENCE_MS = 2_000;
/** How often folders are looked for whose process has ended since. */
const ADOPT_EVERY_MS = 30_000;

/** Kafka, with a spool on this machine's disk while it is away. */
@Injectable()
export class KafkaEventLog implements EventLog, OnModuleInit, OnApplicationShutdown {
  readonly #link: KafkaLink;
  #log: DurableEventLog | undefined;
  #adopting: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HEALTH) private readonly health: HealthRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(METRICS) private readonly registry: Registry,
    connection: KafkaConnection,
    private readonly inFlight: InFlight,
    @Inject(SUPPRESSIONS) private readonly suppressions: Suppressions,
  ) {
    const layout = { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION };
    this.#link = new KafkaLink(connection, layout, (error) => {
      logger.warn({ err: error }, 'kafka has not been reached yet');
    });
  }

  async onModuleInit(): Promise<void> {
    const metrics = new SpoolMetrics(this.logger, this.registry, this.clock);
    const spool = await Spool.open({
      root: join(this.config.TRIBUTARY_DATA, 'collector', 'spool'),
      limitBytes: this.config.COLLECTOR_SPOOL_BYTES,
      clock: this.clock,
      observer: metrics,
    });
    const log = new DurableEventLog({
      kafka: this.#link,
      spool,
      inFlight: this.inFlight,
      passes: (record) => !this.#isSuppressed(record),
      patienceMs: this.config.COLLECTOR_APPEND_TIMEOUT_MS,
      onAway: (reason) => {
        metrics.away(reason);
      },
      onBack: () => {
        metrics.back();
      },
      onReplayFailed: (error) => {
        metrics.replayFailed(error);
      },
    });
    metrics.show(spool, log);
    this.#log = log;
    await this.#connect();
    log.start();
    this.health.add('event log', () => log.isTaking);
    this.#adopting = setInterval(() => {
      void this.#adopt(spool, log);
    }, ADOPT_EVERY_MS);
    this.#adopting.unref();
  }

  /** After the last request was answered: Nest closes the listener first. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#adopting);
    await this.#log?.close();
    const closed = this.#link.close().then(() => true);
    if (!(await Promise.race([closed, delay(END_PATIENCE_MS, false, { ref: false })])))
      this.logger.warn('kafka is away at the end');
  }

  #isSuppressed({ key, headers }: OutgoingRecord): boolean {
    if (headers?.identifiers === undefined) return false;
    const isSuppressed = this.suppressions.of(parseScopedKey(key).workspaceId);
    return isSuppressed?.(JSON.parse(headers.identifiers) as readonly string[]) ?? false;
  }

  append(records: readonly OutgoingRecord[], holder?: string): Promise<Result<undefined, AppendFailure>> {
    if (!this.#log) throw new Error('the event log has not been started');
    return this.#log.append(records, holder);
  }

  /** Kafka that is away does not keep the collector from starting; topics that are wrong do. */
  async #connect(): Promise<void> {
    let started = false;
    const connected = this.#link.connect().then(
      () => true,
      (error: unknown) => {
        if (started) endProcess(error);
        throw error;
      },
    );
    if (!(await Promise.race([connected, delay(PATIENCE_MS, false, { ref: false })])))
      this.logger.warn('kafka is away at the start: events go to the spool');
    started = true;
  }

  async #adopt(spool: Spool, log: DurableEventLog): Promise<void> {
    try {
      await spool.adopt();
      log.takeUp();
    } catch (error) {
      this.logger.error({ err: error }, 'folders of the spool cannot be looked for');
    }
  }
}
