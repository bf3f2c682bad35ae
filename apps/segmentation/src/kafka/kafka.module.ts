import { Module, type INestApplicationContext } from '@nestjs/common';
import { KafkaConnection, type KafkaBatchStrategy } from '@tributary/kafka';
import { brokersOf, CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { StageGroup } from '@tributary/state';
import type { SegmentationConfig } from '../segmentation.config.js';

@Module({
  providers: [
    {
      provide: KafkaConnection,
      inject: [CONFIG, LOGGER],
      useFactory: (config: SegmentationConfig, logger: Logger) =>
        new KafkaConnection({ brokers: brokersOf(config), clientId: 'segmentation', logger }),
    },
  ],
  exports: [KafkaConnection],
})
export class KafkaModule {}

/** The consumer group of a stage that a module provides. */
export function strategyOf(app: INestApplicationContext, group: symbol): KafkaBatchStrategy {
  return app.get<StageGroup<object>>(group).strategy;
}
