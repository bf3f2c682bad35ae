import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ControlModule } from '../control/control.module.js';
import { SplitsController } from './splits/splits.controller.js';
import { SplitsService } from './splits/splits.service.js';
import { DryRunService } from './dry-run/dry-run.service.js';
import { ThreadDryRuns } from './dry-run/thread.dry-runs.js';
import { ClickHouseIdentityGraph } from './graph/clickhouse.identity-graph.js';
import { GraphController } from './graph/graph.controller.js';
import { GraphService } from './graph/graph.service.js';
import { RulesController } from './rules/rules.controller.js';
import { RulesService } from './rules/rules.service.js';

export const IDENTITY_CONTROLLERS = [RulesController, SplitsController, GraphController];
/** All but the thread of dry runs. */
export const IDENTITY_SERVICES = [
  RulesService,
  DryRunService,
  SplitsService,
  GraphService,
  ClickHouseIdentityGraph,
];

/** Who is one person: the rules, the exceptions that people make to them, and why it came so. */
@Module({
  imports: [ClickHouseModule, ControlModule],
  controllers: IDENTITY_CONTROLLERS,
  providers: [...IDENTITY_SERVICES, ThreadDryRuns],
  exports: [RulesService, SplitsService],
})
export class IdentityModule {}
