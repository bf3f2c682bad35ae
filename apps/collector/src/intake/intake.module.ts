import { Module } from '@nestjs/common';
import { LogModule } from '../log/log.module.js';
import { SourcesModule } from '../sources/sources.module.js';
import { Intake } from './intake.js';
import { IntakeMetrics } from './intake.metrics.js';

@Module({
  imports: [LogModule, SourcesModule],
  providers: [Intake, IntakeMetrics],
  exports: [Intake, IntakeMetrics, LogModule],
})
export class IntakeModule {}
