import { Module } from '@nestjs/common';
import type { Clock } from '@tributary/kernel';
import { CLOCK, CONFIG } from '@tributary/service';
import { Refusals } from '../admission/refusals.js';
import type { CollectorConfig } from '../collector.config.js';
import { LogModule } from '../log/log.module.js';
import { SourcesModule } from '../sources/sources.module.js';
import { SuppressionsModule } from '../suppressions/suppressions.module.js';
import { IntakeMetrics } from './intake.metrics.js';
import { Pipeline } from './pipeline.js';
import { Publisher } from './publisher.js';
import { Reception } from './reception.js';

/** One for all endpoints: what comes through any of them is in one order. */
const RECEPTION = {
  provide: Reception,
  inject: [CLOCK, CONFIG],
  useFactory: (clock: Clock, config: CollectorConfig) =>
    new Reception(clock, config.COLLECTOR_CLOCK_TOLERANCE_MS),
};

@Module({
  imports: [LogModule, SourcesModule, SuppressionsModule],
  providers: [Pipeline, Publisher, IntakeMetrics, Refusals, RECEPTION],
  exports: [Pipeline, IntakeMetrics, LogModule, Reception, Refusals, SuppressionsModule],
})
export class IntakeModule {}
