import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ClickHouseViolations } from './clickhouse.violations.js';
import { KafkaSourceCatalog } from './kafka.source-catalog.js';
import { SourcesController } from './sources.controller.js';
import { SourcesService } from './sources.service.js';

@Module({
  imports: [ClickHouseModule],
  controllers: [SourcesController],
  providers: [SourcesService, KafkaSourceCatalog, ClickHouseViolations],
})
export class SourcesModule {}
