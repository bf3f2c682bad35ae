import { Module, type INestApplicationContext } from '@nestjs/common';
import { kafkaCheck, KafkaConnection, type KafkaBatchStrategy } from '@tributary/kafka';
import { brokersOf, CONFIG, HEALTH, LOGGER, type HealthRegistry, type Logger } from '@tributary/service';
import type { ProcessorGroup } from '@tributary/state';
import type { ProfileBuilderConfig } from '../profile-builder.config.js';

@Module({
  providers: [
    {
      provide: KafkaConnection,
      inject: [CONFIG, LOGGER, HEALTH],
      useFactory: (config: ProfileBuilderConfig, logger: Logger, health: HealthRegistry) => {
        const connection = new KafkaConnection({
          brokers: brokersOf(config),
          clientId: 'profile-builder',
          logger,
        });
        health.add('kafka', kafkaCheck(connection));
        return connection;
      },
    },
  ],
  exports: [KafkaConnection],
})
export class KafkaModule {}

/** The consumer group of a processor that a module provides. */
export function strategyOf(app: INestApplicationContext, group: symbol): KafkaBatchStrategy {
  return app.get<ProcessorGroup<object>>(group).strategy;
}
