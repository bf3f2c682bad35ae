import { Module } from '@nestjs/common';
import type { Clock } from '@tributary/kernel';
import { CLOCK } from '@tributary/service';
import { LogModule } from '../log/log.module.js';
import { KafkaSourceRegistry } from './kafka.source-registry.js';
import { RateLimiter } from './rate-limiter.js';
import { SOURCE_REGISTRY } from './source-registry.port.js';

@Module({
  imports: [LogModule],
  providers: [
    { provide: SOURCE_REGISTRY, useClass: KafkaSourceRegistry },
    { provide: RateLimiter, inject: [CLOCK], useFactory: (clock: Clock) => new RateLimiter(clock) },
  ],
  exports: [SOURCE_REGISTRY, RateLimiter],
})
export class SourcesModule {}
