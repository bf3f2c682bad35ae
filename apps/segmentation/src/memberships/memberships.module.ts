import { Module } from '@nestjs/common';
import { validateFragment, TOPICS } from '@tributary/contracts';
import { KafkaConnection, logBounds, readPartition, type LogRecord } from '@tributary/kafka';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG, endProcess, ProcessorNews } from '@tributary/service';
import { deadLetterRecord, ProcessorGroup } from '@tributary/state';
import { randomUUID } from 'node:crypto';
import { AudiencesInForce } from '../audiences/audiences-in-force.js';
import { KafkaModule } from '../kafka/kafka.module.js';
import type { SegmentationConfig } from '../segmentation.config.js';
import { toEpochRecord } from './records.js';
import { MembershipsConsumer } from './memberships.consumer.js';
import { MEMBERSHIPS_GROUP } from './memberships.group.js';
import { MembershipsProcessor, type MembershipsState } from './memberships.processor.js';

const FRAGMENTS = TOPICS.fragments.name;
/** Names who reads the definitions, where a record of theirs is dead-lettered. */
const AUDIENCES = 'audiences-in-force';
const MEMBERSHIPS = TOPICS.memberships.name;

/** The processor, which starts once all definitions are read, and hears of each that changes. */
class MembershipsGroup extends ProcessorGroup<MembershipsState> {
  readonly #audiences: AudiencesInForce;
  readonly #news: ProcessorNews;

  constructor(config: SegmentationConfig, connection: KafkaConnection, clock: Clock, news: ProcessorNews) {
    const deadLetter = (record: LogRecord, error: string) => this.#deadLetter(record, error);
    const audiences = new AudiencesInForce(connection, deadLetter, endProcess);
    const now = () => clock.now();
    super({
      name: 'memberships',
      groupId: 'segmentation-memberships',
      transportId: MEMBERSHIPS_GROUP,
      connection,
      dataDir: config.TRIBUTARY_DATA,
      layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
      inputs: [FRAGMENTS],
      owns: [MEMBERSHIPS],
      validators: { [FRAGMENTS]: validateFragment },
      onDeadLetter: news.deadLetter,
      onLag: news.lag,
      onRepaired: news.repaired,
      cacheBytes: config.SEGMENTATION_CACHE_BYTES,
      onFatal: endProcess,
      now,
      processor: (context) =>
        new MembershipsProcessor(context, {
          now,
          audiences: audiences.all,
          beginEpoch: (partition) => this.#beginEpoch(partition, now()),
          readMemberships: (partition, from, to, onRecord) =>
            readPartition(connection, { topic: MEMBERSHIPS, partition, from, to }, onRecord),
          fragmentsEnd: async (partition) =>
            (await logBounds(connection, FRAGMENTS)).get(partition)?.end ?? 0,
        }),
    });
    this.#audiences = audiences;
    this.#news = news;
  }

  override async onModuleInit(): Promise<void> {
    await super.onModuleInit();
    await this.#audiences.start(() => this.processor.redefined());
  }

  async onModuleDestroy(): Promise<void> {
    await this.#audiences.stop();
  }

  async #deadLetter(record: LogRecord, error: string): Promise<void> {
    const { topic, partition, offset } = record;
    await this.producer.send([deadLetterRecord(AUDIENCES, { record, error })]);
    this.#news.deadLetter({ processor: AUDIENCES, topic, partition, offset, error });
  }

  async #beginEpoch(partition: number, now: number): Promise<number> {
    const [offset] = await this.producer.send([toEpochRecord(partition, randomUUID(), now)]);
    if (offset === undefined)
      throw new Error(`the epoch record of memberships partition ${partition} was not acknowledged`);
    return offset;
  }
}

/** profile.fragments.v1 and the definitions in force → audience.memberships.v1. */
@Module({
  imports: [KafkaModule],
  controllers: [MembershipsConsumer],
  providers: [
    {
      provide: MEMBERSHIPS_GROUP,
      inject: [CONFIG, KafkaConnection, CLOCK, ProcessorNews],
      useFactory: (
        config: SegmentationConfig,
        connection: KafkaConnection,
        clock: Clock,
        news: ProcessorNews,
      ) => new MembershipsGroup(config, connection, clock, news),
    },
  ],
})
export class MembershipsModule {}
