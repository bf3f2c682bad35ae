import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ControlModule } from '../control/control.module.js';
import { SplitsController } from './splits/splits.controller.js';
import { SplitsService } from './splits/splits.service.js';
import { KafkaSplitCatalog } from './splits/kafka.split-catalog.js';
import { DryRunService } from './dry-run/dry-run.service.js';
import { DRY_RUNS } from './dry-run/dry-runs.port.js';
import { ThreadDryRuns } from './dry-run/thread.dry-runs.js';
import { ClickHouseIdentityGraph } from './graph/clickhouse.identity-graph.js';
import { GraphController } from './graph/graph.controller.js';
import { GraphService } from './graph/graph.service.js';
import { IDENTITY_GRAPH } from './graph/identity-graph.port.js';
import { KafkaRulesCatalog } from './rules/kafka.rules-catalog.js';
import { RulesController } from './rules/rules.controller.js';
import { RulesService } from './rules/rules.service.js';

export const IDENTITY_CONTROLLERS = [RulesController, SplitsController, GraphController];
/** What is above the ports. */
export const IDENTITY_SERVICES = [
  KafkaRulesCatalog,
  KafkaSplitCatalog,
  RulesService,
  DryRunService,
  SplitsService,
  GraphService,
];

/** Who is one person: the rules, the exceptions that people make to them, and why it came so. */
@Module({
  imports: [ClickHouseModule, ControlModule],
  controllers: IDENTITY_CONTROLLERS,
  providers: [
    ...IDENTITY_SERVICES,
    { provide: DRY_RUNS, useClass: ThreadDryRuns },
    { provide: IDENTITY_GRAPH, useClass: ClickHouseIdentityGraph },
  ],
  exports: [RulesService],
})
export class IdentityModule {}
