import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ClickHouseViolations } from './clickhouse.violations.js';
import { KafkaSourceCatalog } from './kafka.source-catalog.js';
import { SOURCE_CATALOG } from './source-catalog.port.js';
import { SourcesController } from './sources.controller.js';
import { SourcesService } from './sources.service.js';
import { VIOLATIONS } from './violations.port.js';

@Module({
  imports: [ClickHouseModule],
  controllers: [SourcesController],
  providers: [
    SourcesService,
    { provide: SOURCE_CATALOG, useClass: KafkaSourceCatalog },
    { provide: VIOLATIONS, useClass: ClickHouseViolations },
  ],
})
export class SourcesModule {}
