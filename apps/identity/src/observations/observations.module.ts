import { Module } from '@nestjs/common';
import { validateEventHeaders, TOPICS } from '@tributary/contracts';
import type { ObservationsState } from '@tributary/identity';
import { KafkaConnection } from '@tributary/kafka';
import { CONFIG, endProcess, ProcessorNews } from '@tributary/service';
import { ProcessorGroup } from '@tributary/state';
import type { IdentityConfig } from '../identity.config.js';
import { KafkaModule } from '../kafka/kafka.module.js';
import { ObservationsConsumer } from './observations.consumer.js';
import { OBSERVATIONS_GROUP } from './observations.group.js';
import { ObservationsProcessor } from './observations.processor.js';

/** events.v1 → identity.links.v1: who occurred beside whom. */
@Module({
  imports: [KafkaModule],
  controllers: [ObservationsConsumer],
  providers: [
    {
      provide: OBSERVATIONS_GROUP,
      inject: [CONFIG, KafkaConnection, ProcessorNews],
      useFactory: (config: IdentityConfig, connection: KafkaConnection, news: ProcessorNews) =>
        new ProcessorGroup<ObservationsState>({
          name: 'identity-observations',
          groupId: 'identity-observations',
          transportId: OBSERVATIONS_GROUP,
          connection,
          dataDir: config.TRIBUTARY_DATA,
          layout: { partitions: config.KAFKA_PARTITIONS, replication: config.KAFKA_REPLICATION },
          inputs: [TOPICS.events.name],
          changelog: TOPICS.observationsState,
          validators: { [TOPICS.events.name]: validateEventHeaders },
          onDeadLetter: news.deadLetter,
          onLag: news.lag,
          onRepaired: news.repaired,
          cacheBytes: config.IDENTITY_CACHE_BYTES,
          processor: (context) => new ObservationsProcessor(context),
          onFatal: endProcess,
        }),
    },
  ],
})
export class ObservationsModule {}

export { OBSERVATIONS_GROUP };
