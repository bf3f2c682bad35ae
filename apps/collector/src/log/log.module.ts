import { Module } from '@nestjs/common';
import { CONFIG } from '@tributary/service';
import type { CollectorConfig } from '../collector.config.js';
import { SuppressionsModule } from '../suppressions/suppressions.module.js';
import { EVENT_LOG } from './event-log.port.js';
import { InFlight } from './in-flight.js';
import { KafkaEventLog } from './kafka.event-log.js';

@Module({
  // Before the log: what is in the spool is asked about as well.
  imports: [SuppressionsModule],
  providers: [
    {
      provide: InFlight,
      inject: [CONFIG],
      useFactory: (config: CollectorConfig) => new InFlight(config.COLLECTOR_IN_FLIGHT_BYTES),
    },
    { provide: EVENT_LOG, useClass: KafkaEventLog },
  ],
  exports: [EVENT_LOG, InFlight],
})
export class LogModule {}
