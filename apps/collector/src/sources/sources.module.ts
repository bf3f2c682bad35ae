import { Module } from '@nestjs/common';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import type { CollectorConfig } from '../collector.config.js';
import { KafkaNormalisers } from '../identity-rules/kafka.normalisers.js';
import { NORMALISERS } from '../identity-rules/normalisers.port.js';
import { LogModule } from '../log/log.module.js';
import { KafkaSourceRegistry } from './kafka.source-registry.js';
import { RateLimiter } from './rate-limiter.js';
import { SOURCE_REGISTRY } from './source-registry.port.js';

// In one module both wait for their topics at the same time, where Kafka is away at the start.
@Module({
  imports: [LogModule],
  providers: [
    { provide: SOURCE_REGISTRY, useClass: KafkaSourceRegistry },
    { provide: NORMALISERS, useClass: KafkaNormalisers },
    {
      provide: RateLimiter,
      inject: [CLOCK, CONFIG],
      useFactory: (clock: Clock, config: CollectorConfig) => new RateLimiter(clock, config.COLLECTOR_WORKERS),
    },
  ],
  exports: [SOURCE_REGISTRY, NORMALISERS, RateLimiter],
})
export class SourcesModule {}
