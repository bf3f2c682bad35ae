import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ControlModule } from '../control/control.module.js';
import { AudiencesController } from './audiences.controller.js';
import { AudiencesService } from './audiences.service.js';
import { ClickHouseMemberships } from './clickhouse.memberships.js';
import { KafkaActiveAggregates } from './kafka.active-aggregates.js';
import { ResolvedDefinitions } from './resolved-definitions.js';

@Module({
  imports: [ClickHouseModule, ControlModule],
  controllers: [AudiencesController],
  providers: [AudiencesService, KafkaActiveAggregates, ClickHouseMemberships, ResolvedDefinitions],
  exports: [AudiencesService, KafkaActiveAggregates, ResolvedDefinitions],
})
export class AudiencesModule {}
