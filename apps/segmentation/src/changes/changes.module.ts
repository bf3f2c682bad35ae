import { Module } from '@nestjs/common';
import { validateMembership, TOPICS } from '@tributary/contracts';
import { KafkaConnection } from '@tributary/kafka';
import { CONFIG, endProcess, ProcessorNews } from '@tributary/service';
import { ProcessorGroup } from '@tributary/state';
import { KafkaModule } from '../kafka/kafka.module.js';
import type { SegmentationConfig } from '../segmentation.config.js';
import { ChangesConsumer } from './changes.consumer.js';
import { CHANGES_GROUP } from './changes.group.js';
import { ChangesProcessor, type EpochState } from './changes.processor.js';

/** audience.memberships.v1 → audience.changes.v1: a projection, so the two can never disagree. */
@Module({
  imports: [KafkaModule],
  controllers: [ChangesConsumer],
  providers: [
    {
      provide: CHANGES_GROUP,
      inject: [CONFIG, KafkaConnection, ProcessorNews],
      useFactory: (config: SegmentationConfig, connection: KafkaConnection, news: ProcessorNews) =>
        new ProcessorGroup<EpochState>({
          name: 'changes',
          groupId: 'segmentation-changes',
          transportId: CHANGES_GROUP,
          connection,
          dataDir: config.TRIBUTARY_DATA,
          layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
          inputs: [TOPICS.memberships.name],
          validators: { [TOPICS.memberships.name]: validateMembership },
          onDeadLetter: news.deadLetter,
          onLag: news.lag,
          cacheBytes: config.SEGMENTATION_CACHE_BYTES,
          processor: (context) => new ChangesProcessor(context),
          onFatal: endProcess,
        }),
    },
  ],
})
export class ChangesModule {}
