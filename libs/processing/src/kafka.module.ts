import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { kafkaCheck, KafkaConnection, kafkaSecurity, kafkaTuning } from '@tributary/kafka';
import {
  brokersOf,
  CONFIG,
  HEALTH,
  LOGGER,
  type CommonConfig,
  type HealthRegistry,
  type Logger,
} from '@tributary/service';

export interface KafkaModuleOptions {
  /** Names the service to the brokers. */
  readonly clientId: string;
  /** Whether the service is not ready while no broker answers; true unless given. */
  readonly required?: boolean;
}

/**
 * A service's way to Kafka: provides its {@link KafkaConnection} to all modules, and the health check `kafka`. It closes
 * with the service.
 */
@Module({})
export class KafkaModule implements OnApplicationShutdown {
  constructor(@Inject(KafkaConnection) private readonly connection: KafkaConnection) {}

  static register({ clientId, required = true }: KafkaModuleOptions): DynamicModule {
    const connection = {
      provide: KafkaConnection,
      inject: [CONFIG, LOGGER, HEALTH],
      useFactory: (config: CommonConfig, logger: Logger, health: HealthRegistry) => {
        const made = new KafkaConnection({
          brokers: brokersOf(config),
          security: kafkaSecurity(config),
          tuning: kafkaTuning(config),
          clientId,
          logger,
        });
        health.add('kafka', kafkaCheck(made), { required });
        return made;
      },
    };
    return { module: KafkaModule, global: true, providers: [connection], exports: [KafkaConnection] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}
