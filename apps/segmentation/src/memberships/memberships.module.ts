import { Module } from '@nestjs/common';
import { judgeFragment, TOPICS } from '@tributary/contracts';
import { KafkaConnection, logBounds, readPartition, type LogRecord } from '@tributary/kafka';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG, endProcess, StageNews } from '@tributary/service';
import { setAsideRecord, StageGroup } from '@tributary/state';
import { randomUUID } from 'node:crypto';
import { AudiencesInForce } from '../audiences/audiences-in-force.js';
import { KafkaModule } from '../kafka/kafka.module.js';
import type { SegmentationConfig } from '../segmentation.config.js';
import { toClaimRecord } from './mapping.js';
import { MembershipsConsumer } from './memberships.consumer.js';
import { MEMBERSHIPS_GROUP } from './memberships.group.js';
import { MembershipsTask, type MembershipsState } from './memberships.task.js';

const FRAGMENTS = TOPICS.fragments.name;
/** Names who reads the definitions, where a record of theirs is set aside. */
const AUDIENCES = 'audiences-in-force';
const MEMBERSHIPS = TOPICS.memberships.name;

/** The stage, which starts once all definitions are read, and hears of each that changes. */
class MembershipsGroup extends StageGroup<MembershipsState> {
  readonly #audiences: AudiencesInForce;
  readonly #news: StageNews;

  constructor(config: SegmentationConfig, connection: KafkaConnection, clock: Clock, news: StageNews) {
    const setAside = (record: LogRecord, error: string) => this.#setAside(record, error);
    const audiences = new AudiencesInForce(connection, setAside, endProcess);
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
      judges: { [FRAGMENTS]: judgeFragment },
      onSetAside: news.setAside,
      onLag: news.lag,
      onRepaired: news.repaired,
      cacheBytes: config.SEGMENTATION_CACHE_BYTES,
      onFatal: endProcess,
      now,
      task: (context) =>
        new MembershipsTask(context, {
          now,
          audiences: audiences.all,
          claim: (partition) => this.#claim(partition, now()),
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
    await this.#audiences.start(() => this.stage.redefined());
  }

  async onModuleDestroy(): Promise<void> {
    await this.#audiences.stop();
  }

  async #setAside(record: LogRecord, error: string): Promise<void> {
    const { topic, partition, offset } = record;
    await this.producer.send([setAsideRecord(AUDIENCES, { record, error })]);
    this.#news.setAside({ stage: AUDIENCES, topic, partition, offset, error });
  }

  async #claim(partition: number, now: number): Promise<number> {
    const [offset] = await this.producer.send([toClaimRecord(partition, randomUUID(), now)]);
    if (offset === undefined)
      throw new Error(`the claim of memberships partition ${partition} was not acknowledged`);
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
      inject: [CONFIG, KafkaConnection, CLOCK, StageNews],
      useFactory: (config: SegmentationConfig, connection: KafkaConnection, clock: Clock, news: StageNews) =>
        new MembershipsGroup(config, connection, clock, news),
    },
  ],
})
export class MembershipsModule {}
