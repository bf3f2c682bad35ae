import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { TOPICS } from '@tributary/contracts';
import { KafkaConnection, type LogRecord } from '@tributary/kafka';
import { digestOfIdentifier, parseScopedKey } from '@tributary/kernel';
import { CONFIG, LOGGER, METRICS, type Logger } from '@tributary/service';
import { Gauge, type Registry } from 'prom-client';
import type { CollectorConfig } from '../collector.config.js';
import { PersistentFollower } from '../control/persistent.follower.js';
import { DigestSet } from './digest-set.js';
import { SuppressionsCopy } from './suppressions.copy.js';
import type { IsSuppressed, Suppressions } from './suppressions.port.js';

/** How long a start waits for the topic. */
const PATIENCE_MS = 3_000;
const DIGEST = /^[0-9a-f]{32}$/;

/** As `control.suppressions.v1` has them; those known last where Kafka is away. */
@Injectable()
export class KafkaSuppressions implements Suppressions, OnModuleInit, OnModuleDestroy {
  readonly #follower: PersistentFollower;
  readonly #copy: SuppressionsCopy;
  readonly #firstTry = Promise.withResolvers<undefined>();
  #inForce = new DigestSet();
  #isKnown = false;

  constructor(
    @Inject(CONFIG) config: CollectorConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) registry: Registry,
    connection: KafkaConnection,
  ) {
    this.#copy = new SuppressionsCopy(config.TRIBUTARY_DATA);
    this.#follower = new PersistentFollower({
      connection,
      topic: TOPICS.suppressions,
      layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
      begin: () => this.#begin(),
      onFailure: (error) => {
        logger.warn({ err: error }, 'suppressions are not followed; trying again');
        this.#firstTry.resolve(undefined);
      },
    });
    const bytes = () => this.#inForce.bytes;
    new Gauge({
      name: 'tributary_collector_suppressions_bytes',
      help: 'What the digests of suppressed identifiers take in memory',
      registers: [registry],
      collect() {
        this.set(bytes());
      },
    });
  }

  async onModuleInit(): Promise<void> {
    void this.#follower.run();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, undefined);
    });
    await Promise.race([this.#firstTry.promise, late]);
    clearTimeout(timer);
    if (!this.#isKnown) await this.#beginWithCopy();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#follower.stop();
  }

  of(workspaceId: string): IsSuppressed | undefined {
    const set = this.#inForce;
    if (set.size === 0) return undefined;
    return (identifiers) => identifiers.some((one) => set.has(digestOfIdentifier(workspaceId, one)));
  }

  #begin() {
    // A set of its own: what was removed while nobody read, and compacted, is in the former one still.
    const set = new DigestSet();
    return {
      take: async (record: LogRecord, isWhole: boolean) => {
        this.#apply(record, set);
        if (isWhole) await this.#write(set);
      },
      whole: async () => {
        this.#inForce = set;
        this.#isKnown = true;
        this.#firstTry.resolve(undefined);
        await this.#write(set);
      },
    };
  }

  #apply({ key, value, offset }: LogRecord, set: DigestSet): void {
    const { id } = parseScopedKey(key);
    if (!DIGEST.test(id)) this.logger.error({ key, offset }, 'suppression is unreadable and passed over');
    else if (value === null) set.delete(id);
    else set.add(id);
  }

  async #write(set: DigestSet): Promise<void> {
    try {
      await this.#copy.write(set);
    } catch (error) {
      this.logger.error({ err: error }, 'the copy of the suppressions was not written');
    }
  }

  async #beginWithCopy(): Promise<void> {
    try {
      const set = await this.#copy.read();
      // The topic may have been read meanwhile.
      if (!set || this.#isKnown) return;
      this.logger.warn({ count: set.size }, 'kafka is away: suppressions are those known last');
      this.#inForce = set;
    } catch (error) {
      this.logger.error({ err: error }, 'the copy of the suppressions is unreadable');
    }
  }
}
