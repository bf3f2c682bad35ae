import { Module } from '@nestjs/common';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import type { CollectorConfig } from '../collector.config.js';
import { KafkaNormalisers } from '../identity-rules/kafka.normalisers.js';
import { NORMALISERS } from '../identity-rules/normalisers.port.js';
import { LogModule } from '../log/log.module.js';
import { KafkaSourceRegistry } from './kafka.source-registry.js';
import { RateLimiter } from './rate-limiter.js';
import { KafkaWorkspaces } from './kafka.workspaces.js';
import { SOURCE_REGISTRY } from './source-registry.port.js';
import { WORKSPACES, type Workspaces } from './workspaces.port.js';

// In one module all wait for their topics at the same time, where Kafka is away at the start.
@Module({
  imports: [LogModule],
  providers: [
    { provide: SOURCE_REGISTRY, useClass: KafkaSourceRegistry },
    { provide: WORKSPACES, useClass: KafkaWorkspaces },
    { provide: NORMALISERS, useClass: KafkaNormalisers },
    {
      provide: RateLimiter,
      inject: [CLOCK, CONFIG, WORKSPACES],
      useFactory: (clock: Clock, config: CollectorConfig, workspaces: Workspaces) =>
        new RateLimiter(clock, config.COLLECTOR_WORKERS, workspaces),
    },
  ],
  exports: [SOURCE_REGISTRY, WORKSPACES, NORMALISERS, RateLimiter],
})
export class SourcesModule {}
