import { Module } from '@nestjs/common';
import { validateFragment, TOPICS } from '@tributary/contracts';
import { KafkaConnection } from '@tributary/kafka';
import { CONFIG, endProcess, ProcessorNews } from '@tributary/service';
import { ProcessorGroup } from '@tributary/state';
import { KafkaModule } from '../kafka/kafka.module.js';
import type { ProfileBuilderConfig } from '../profile-builder.config.js';
import { ProfilesConsumer } from './profiles.consumer.js';
import { PROFILES_GROUP } from './profiles.group.js';
import { ProfilesProcessor, type ProfileState } from './profiles.processor.js';

/** profile.fragments.v1 → profiles.v1: each profile whole. The compacted fragments are this processor's changelog. */
@Module({
  imports: [KafkaModule],
  controllers: [ProfilesConsumer],
  providers: [
    {
      provide: PROFILES_GROUP,
      inject: [CONFIG, KafkaConnection, ProcessorNews],
      useFactory: (config: ProfileBuilderConfig, connection: KafkaConnection, news: ProcessorNews) =>
        new ProcessorGroup<ProfileState>({
          name: 'profiles',
          groupId: 'profile-builder-profiles',
          transportId: PROFILES_GROUP,
          connection,
          dataDir: config.TRIBUTARY_DATA,
          layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
          inputs: [TOPICS.fragments.name],
          owns: [TOPICS.profiles.name],
          validators: { [TOPICS.fragments.name]: validateFragment },
          onDeadLetter: news.deadLetter,
          onLag: news.lag,
          onRepaired: news.repaired,
          cacheBytes: config.PROFILE_BUILDER_CACHE_BYTES,
          processor: (context) => new ProfilesProcessor(context),
          onFatal: endProcess,
        }),
    },
  ],
})
export class ProfilesModule {}
