import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ControlModule } from '../control/control.module.js';
import { ClickHouseViolations } from './clickhouse.violations.js';
import { SourcesController } from './sources.controller.js';
import { SourcesService } from './sources.service.js';

@Module({
  imports: [ClickHouseModule, ControlModule],
  controllers: [SourcesController],
  providers: [SourcesService, ClickHouseViolations],
  exports: [SourcesService],
})
export class SourcesModule {}
