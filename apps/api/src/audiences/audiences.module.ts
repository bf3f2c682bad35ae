import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ControlModule } from '../control/control.module.js';
import { AudiencesController } from './audiences.controller.js';
import { AudiencesService } from './audiences.service.js';
import { ClickHouseMemberships } from './clickhouse.memberships.js';
import { KafkaActiveAggregates } from './kafka.active-aggregates.js';

@Module({
  imports: [ClickHouseModule, ControlModule],
  controllers: [AudiencesController],
  providers: [AudiencesService, KafkaActiveAggregates, ClickHouseMemberships],
  exports: [AudiencesService, KafkaActiveAggregates],
})
export class AudiencesModule {}
