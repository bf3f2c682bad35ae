import { Module } from '@nestjs/common';
import { judgeEventHeaders, TOPICS } from '@tributary/contracts';
import type { SightingsState } from '@tributary/identity';
import { KafkaConnection } from '@tributary/kafka';
import { CONFIG, endProcess, StageNews } from '@tributary/service';
import { StageGroup } from '@tributary/state';
import type { IdentityConfig } from '../identity.config.js';
import { KafkaModule } from '../kafka/kafka.module.js';
import { SightingsConsumer } from './sightings.consumer.js';
import { SIGHTINGS_GROUP } from './sightings.group.js';
import { SightingsTask } from './sightings.task.js';

/** events.v1 → identity.links.v1: who occurred beside whom. */
@Module({
  imports: [KafkaModule],
  controllers: [SightingsConsumer],
  providers: [
    {
      provide: SIGHTINGS_GROUP,
      inject: [CONFIG, KafkaConnection, StageNews],
      useFactory: (config: IdentityConfig, connection: KafkaConnection, news: StageNews) =>
        new StageGroup<SightingsState>({
          name: 'identity-sightings',
          groupId: 'identity-sightings',
          transportId: SIGHTINGS_GROUP,
          connection,
          dataDir: config.TRIBUTARY_DATA,
          layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
          inputs: [TOPICS.events.name],
          changelog: TOPICS.sightingsState,
          judges: { [TOPICS.events.name]: judgeEventHeaders },
          onSetAside: news.setAside,
          onLag: news.lag,
          onRepaired: news.repaired,
          cacheBytes: config.IDENTITY_CACHE_BYTES,
          task: (context) => new SightingsTask(context),
          onFatal: endProcess,
        }),
    },
  ],
})
export class SightingsModule {}

export { SIGHTINGS_GROUP };
