import { Module } from '@nestjs/common';
import { kafkaCheck, KafkaConnection } from '@tributary/kafka';
import { brokersOf, CONFIG, HEALTH, LOGGER, type HealthRegistry, type Logger } from '@tributary/service';
import type { CollectorConfig } from '../collector.config.js';
import { EVENT_LOG } from './event-log.port.js';
import { InFlight } from './in-flight.js';
import { KafkaEventLog } from './kafka.event-log.js';

@Module({
  providers: [
    {
      provide: InFlight,
      inject: [CONFIG],
      useFactory: (config: CollectorConfig) => new InFlight(config.COLLECTOR_IN_FLIGHT_BYTES),
    },
    {
      provide: KafkaConnection,
      inject: [CONFIG, LOGGER, HEALTH],
      useFactory: (config: CollectorConfig, logger: Logger, health: HealthRegistry) => {
        const connection = new KafkaConnection({ brokers: brokersOf(config), clientId: 'collector', logger });
        // What it accepts meanwhile goes to the spool.
        health.add('kafka', kafkaCheck(connection), { required: false });
        return connection;
      },
    },
    { provide: EVENT_LOG, useClass: KafkaEventLog },
  ],
  exports: [EVENT_LOG, InFlight, KafkaConnection],
})
export class LogModule {}
