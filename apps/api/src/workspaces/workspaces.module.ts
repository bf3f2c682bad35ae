import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ControlModule } from '../control/control.module.js';
import { ClickHouseEventRate } from './clickhouse.event-rate.js';
import { WorkspacesController } from './workspaces.controller.js';
import { WorkspacesService } from './workspaces.service.js';

/** Who shares an installation, apart from each other. */
@Module({
  imports: [ClickHouseModule, ControlModule],
  controllers: [WorkspacesController],
  providers: [WorkspacesService, ClickHouseEventRate],
  exports: [WorkspacesService],
})
export class WorkspacesModule {}
