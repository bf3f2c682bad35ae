import { Module } from '@nestjs/common';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import type { CollectorConfig } from '../collector.config.js';
import { LogModule } from '../log/log.module.js';
import { KafkaSourceRegistry } from './kafka.source-registry.js';
import { RateLimiter } from './rate-limiter.js';
import { SOURCE_REGISTRY } from './source-registry.port.js';

@Module({
  imports: [LogModule],
  providers: [
    { provide: SOURCE_REGISTRY, useClass: KafkaSourceRegistry },
    {
      provide: RateLimiter,
      inject: [CLOCK, CONFIG],
      useFactory: (clock: Clock, config: CollectorConfig) => new RateLimiter(clock, config.COLLECTOR_WORKERS),
    },
  ],
  exports: [SOURCE_REGISTRY, RateLimiter],
})
export class SourcesModule {}
