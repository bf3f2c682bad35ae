import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { CUT_CATALOG } from './cuts/cut-catalog.port.js';
import { CutsController } from './cuts/cuts.controller.js';
import { CutsService } from './cuts/cuts.service.js';
import { KafkaCutCatalog } from './cuts/kafka.cut-catalog.js';
import { DryRunService } from './dry-run/dry-run.service.js';
import { DRY_RUNS } from './dry-run/dry-runs.port.js';
import { ThreadDryRuns } from './dry-run/thread.dry-runs.js';
import { ClickHouseIdentityGraph } from './graph/clickhouse.identity-graph.js';
import { GraphController } from './graph/graph.controller.js';
import { GraphService } from './graph/graph.service.js';
import { IDENTITY_GRAPH } from './graph/identity-graph.port.js';
import { KafkaRulesCatalog } from './rules/kafka.rules-catalog.js';
import { RULES_CATALOG } from './rules/rules-catalog.port.js';
import { RulesController } from './rules/rules.controller.js';
import { RulesService } from './rules/rules.service.js';

export const IDENTITY_CONTROLLERS = [RulesController, CutsController, GraphController];
/** What is above the ports. */
export const IDENTITY_SERVICES = [RulesService, DryRunService, CutsService, GraphService];

/** Who is one person: the rules, the exceptions that people make to them, and why it came so. */
@Module({
  imports: [ClickHouseModule],
  controllers: IDENTITY_CONTROLLERS,
  providers: [
    ...IDENTITY_SERVICES,
    { provide: RULES_CATALOG, useClass: KafkaRulesCatalog },
    { provide: CUT_CATALOG, useClass: KafkaCutCatalog },
    { provide: DRY_RUNS, useClass: ThreadDryRuns },
    { provide: IDENTITY_GRAPH, useClass: ClickHouseIdentityGraph },
  ],
  exports: [RulesService],
})
export class IdentityModule {}
