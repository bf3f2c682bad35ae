import { Module } from '@nestjs/common';
import { judgeMembership, TOPICS } from '@tributary/contracts';
import { KafkaConnection } from '@tributary/kafka';
import { CONFIG, endProcess, StageNews } from '@tributary/service';
import { StageGroup } from '@tributary/state';
import { KafkaModule } from '../kafka/kafka.module.js';
import type { SegmentationConfig } from '../segmentation.config.js';
import { ChangesConsumer } from './changes.consumer.js';
import { CHANGES_GROUP } from './changes.group.js';
import { ChangesTask, type EpochState } from './changes.task.js';

/** audience.memberships.v1 → audience.changes.v1: a projection, so the two can never disagree. */
@Module({
  imports: [KafkaModule],
  controllers: [ChangesConsumer],
  providers: [
    {
      provide: CHANGES_GROUP,
      inject: [CONFIG, KafkaConnection, StageNews],
      useFactory: (config: SegmentationConfig, connection: KafkaConnection, news: StageNews) =>
        new StageGroup<EpochState>({
          name: 'changes',
          groupId: 'segmentation-changes',
          transportId: CHANGES_GROUP,
          connection,
          dataDir: config.TRIBUTARY_DATA,
          layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
          inputs: [TOPICS.memberships.name],
          judges: { [TOPICS.memberships.name]: judgeMembership },
          onSetAside: news.setAside,
          onLag: news.lag,
          cacheBytes: config.SEGMENTATION_CACHE_BYTES,
          task: (context) => new ChangesTask(context),
          onFatal: endProcess,
        }),
    },
  ],
})
export class ChangesModule {}
