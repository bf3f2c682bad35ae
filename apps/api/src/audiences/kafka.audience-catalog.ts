import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { aggregatesOf, readDefinition, type EventAggregate } from '@tributary/audiences';
import { TOPICS, type AudienceMessage } from '@tributary/contracts';
import { failed, ok, type Result } from '@tributary/kernel';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import { KafkaControlRecords, type Stored } from '../control/kafka.control-records.js';
import { activationsOf } from './activations.js';

/** An audience in force, and the version of its definition. */
export type StoredAudience = Stored<AudienceMessage>;

/** The audiences as `control.audiences.v1` has them. */
@Injectable()
export class KafkaAudienceCatalog implements OnModuleInit, OnApplicationShutdown {
  readonly #records: KafkaControlRecords<AudienceMessage>;
  /** Hashes of aggregates that are in every partition of the event log: those of every audience that ever was are. */
  readonly #activated = new Set<string>();

  constructor(
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    const onRead = (audience: AudienceMessage) => this.#note(audience);
    const alsoWritten = [TOPICS.events];
    this.#records = new KafkaControlRecords({ topic: TOPICS.audiences, config, logger, onRead, alsoWritten });
  }

  async onModuleInit(): Promise<void> {
    await this.#records.onModuleInit();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#records.onApplicationShutdown();
  }

  find(key: string) {
    return this.#records.find(key);
  }

  all() {
    return this.#records.all();
  }

  /**
   * Puts an audience in force. Once it resolves, every event that is accepted is counted in all of `leaves`, and the
   * catalog shows what was put. Nothing is certain after a failure: it may be in force later.
   *
   * 1. The leaves, in every partition of the event log, acknowledged. 2. The definition. 3. Its reading back.
   * A crash after 1 leaves aggregates that no audience uses; after 2, an audience in force whose PUT had no answer:
   * the caller puts it again.
   */
  async put(audience: AudienceMessage, leaves: readonly EventAggregate[]) {
    const unknown = leaves.filter(({ hash }) => !this.#activated.has(hash));
    const activations = activationsOf(audience.workspaceId, unknown, this.config.KAFKA_PARTITIONS);
    if (!(await this.#records.send(activations))) return failed('unavailable' as const);
    for (const { hash } of unknown) this.#activated.add(hash);
    return this.#records.put(audience.key, audience);
  }

  async remove(key: string) {
    return this.#records.remove(key);
  }

  #note(audience: AudienceMessage): Result<undefined, string> {
    const definition = readDefinition(audience.definition);
    if (!definition.ok) return failed(definition.error.message);
    for (const { hash } of aggregatesOf(definition.value)) this.#activated.add(hash);
    return ok(undefined);
  }
}
