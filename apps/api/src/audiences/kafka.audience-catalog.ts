import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { checkDefinition, leavesOf, type EventLeaf } from '@tributary/audiences';
import { readerOf, TOPICS, type AudienceMessage } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaConnection,
  TopicFollower,
  type LogRecord,
  type OutgoingRecord,
} from '@tributary/kafka';
import { failed, ok, parseScopedKey, scopedKey } from '@tributary/kernel';
import { brokersOf, CONFIG, endProcess, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import type { AudienceCatalog, StoredAudience } from './audience-catalog.port.js';
import { announcementsOf } from './leaf-announcements.js';
import { LogProgress } from './log-progress.js';

const READ_BACK_MS = 10_000;
const read = readerOf(TOPICS.audiences);

/** The audiences as `control.audiences.v1` has them; a version is the offset of the record. */
@Injectable()
export class KafkaAudienceCatalog implements AudienceCatalog, OnModuleInit, OnApplicationShutdown {
  readonly #connection: KafkaConnection;
  readonly #producer: BatchingProducer;
  readonly #follower: TopicFollower;
  readonly #audiences = new Map<string, StoredAudience>();
  /** Hashes of leaves that are in every partition of the event log: those of every audience that ever was are. */
  readonly #announced = new Set<string>();
  readonly #progress = new LogProgress();

  constructor(
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#connection = new KafkaConnection({ brokers: brokersOf(config), clientId: 'api', logger });
    this.#producer = new BatchingProducer(this.#connection);
    const take = (record: LogRecord) => {
      this.#take(record);
    };
    // Without it, the catalog would go on answering with what was in force long ago.
    this.#follower = new TopicFollower(this.#connection, TOPICS.audiences, take, { onFatal: endProcess });
  }

  async onModuleInit(): Promise<void> {
    await ensureTopics(this.#connection, [TOPICS.events, TOPICS.audiences], {
      partitions: this.config.KAFKA_PARTITIONS,
      replication: this.config.KAFKA_REPLICATION,
    });
    await this.#producer.connect();
    await this.#follower.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#follower.stop();
    await this.#producer.disconnect();
  }

  find(key: string): StoredAudience | undefined {
    return this.#audiences.get(key);
  }

  all(): readonly StoredAudience[] {
    return [...this.#audiences.values()].sort((a, b) => (a.audience.key < b.audience.key ? -1 : 1));
  }

  /**
   * 1. The leaves, in every partition of the event log, acknowledged. 2. The definition. 3. Its reading back.
   * A crash after 1 leaves leaves that are folded for nobody; after 2, an audience in force that nobody was told of:
   * the caller puts it again.
   */
  async put(audience: AudienceMessage, leaves: readonly EventLeaf[]) {
    const unknown = leaves.filter(({ hash }) => !this.#announced.has(hash));
    const announcements = announcementsOf(audience.workspaceId, unknown, this.config.KAFKA_PARTITIONS);
    if (!(await this.#send(announcements))) return failed('unavailable' as const);
    for (const { hash } of unknown) this.#announced.add(hash);
    const version = await this.#write(audience.key, JSON.stringify(audience));
    return version === undefined ? failed('unavailable' as const) : ok({ audience, version });
  }

  async remove(key: string) {
    const version = await this.#write(key, null);
    return version === undefined ? failed('unavailable' as const) : ok(undefined);
  }

  async #write(key: string, value: string | null): Promise<number | undefined> {
    const offsets = await this.#send([
      {
        topic: TOPICS.audiences.name,
        key: scopedKey(this.config.TRIBUTARY_WORKSPACE, key),
        value,
        headers: { schema: 'audience@1' },
      },
    ]);
    const offset = offsets?.[0];
    if (offset === undefined) return undefined;
    return (await this.#progress.reaches(offset, READ_BACK_MS)) ? offset : undefined;
  }

  async #send(records: readonly OutgoingRecord[]): Promise<readonly number[] | undefined> {
    try {
      return await this.#producer.send(records);
    } catch (error) {
      this.logger.warn({ err: error }, 'kafka took no definition');
      return undefined;
    }
  }

  #take(record: LogRecord): void {
    this.#apply(record);
    this.#progress.advance(record.offset);
  }

  #apply({ key, value, headers, offset }: LogRecord): void {
    const { workspaceId, id } = parseScopedKey(key);
    if (workspaceId !== this.config.TRIBUTARY_WORKSPACE) return;
    if (value === null) {
      this.#audiences.delete(id);
      return;
    }
    const message = read(value, headers.schema);
    const audience = message.ok ? (message.value as AudienceMessage) : undefined;
    const definition = checkDefinition(audience?.definition);
    if (!audience || !definition.ok) {
      const reason = message.ok && !definition.ok ? definition.error.message : message;
      this.logger.error({ key, offset, reason }, 'audience is unreadable and passed over');
      return;
    }
    for (const { hash } of leavesOf(definition.value)) this.#announced.add(hash);
    this.#audiences.set(id, { audience, version: offset });
  }
}
