import { Module } from '@nestjs/common';
import { judgeFragment, TOPICS } from '@tributary/contracts';
import { KafkaConnection } from '@tributary/kafka';
import { CONFIG, endProcess, StageNews } from '@tributary/service';
import { StageGroup } from '@tributary/state';
import { KafkaModule } from '../kafka/kafka.module.js';
import type { ProfileBuilderConfig } from '../profile-builder.config.js';
import { ProfilesConsumer } from './profiles.consumer.js';
import { PROFILES_GROUP } from './profiles.group.js';
import { ProfilesTask, type ProfileState } from './profiles.task.js';

/** profile.fragments.v1 → profiles.v1: each profile whole. The compacted fragments are this stage's changelog. */
@Module({
  imports: [KafkaModule],
  controllers: [ProfilesConsumer],
  providers: [
    {
      provide: PROFILES_GROUP,
      inject: [CONFIG, KafkaConnection, StageNews],
      useFactory: (config: ProfileBuilderConfig, connection: KafkaConnection, news: StageNews) =>
        new StageGroup<ProfileState>({
          name: 'profiles',
          groupId: 'profile-builder-profiles',
          transportId: PROFILES_GROUP,
          connection,
          dataDir: config.TRIBUTARY_DATA,
          layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
          inputs: [TOPICS.fragments.name],
          owns: [TOPICS.profiles.name],
          judges: { [TOPICS.fragments.name]: judgeFragment },
          onSetAside: news.setAside,
          onLag: news.lag,
          onRepaired: news.repaired,
          cacheBytes: config.PROFILE_BUILDER_CACHE_BYTES,
          task: (context) => new ProfilesTask(context),
          onFatal: endProcess,
        }),
    },
  ],
})
export class ProfilesModule {}
