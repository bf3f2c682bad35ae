import { Module } from '@nestjs/common';
import { judgeLink, TOPICS } from '@tributary/contracts';
import type { ResolverState } from '@tributary/identity';
import { KafkaConnection } from '@tributary/kafka';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG, endProcess, StageNews } from '@tributary/service';
import { StageGroup } from '@tributary/state';
import type { IdentityConfig } from '../identity.config.js';
import { KafkaModule } from '../kafka/kafka.module.js';
import { ResolverConsumer } from './resolver.consumer.js';
import { RESOLVER_GROUP } from './resolver.group.js';
import { ResolverTask } from './resolver.task.js';

/** identity.links.v1 → itself and identity.assignments.v1: who is one person. */
@Module({
  imports: [KafkaModule],
  controllers: [ResolverConsumer],
  providers: [
    {
      provide: RESOLVER_GROUP,
      inject: [CONFIG, KafkaConnection, CLOCK, StageNews],
      useFactory: (config: IdentityConfig, connection: KafkaConnection, clock: Clock, news: StageNews) =>
        new StageGroup<ResolverState>({
          name: 'identity-resolver',
          groupId: 'identity-resolver',
          transportId: RESOLVER_GROUP,
          connection,
          dataDir: config.TRIBUTARY_DATA,
          layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
          inputs: [TOPICS.links.name],
          changelog: TOPICS.resolverState,
          owns: [TOPICS.assignments.name],
          judges: { [TOPICS.links.name]: judgeLink },
          onSetAside: news.setAside,
          onRepaired: news.repaired,
          cacheBytes: config.IDENTITY_CACHE_BYTES,
          task: (context) => new ResolverTask(context, () => clock.now()),
          onFatal: endProcess,
        }),
    },
  ],
})
export class ResolverModule {}

export { RESOLVER_GROUP };
