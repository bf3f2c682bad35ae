import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { AUDIENCE_CATALOG } from './audience-catalog.port.js';
import { AudiencesController } from './audiences.controller.js';
import { AudiencesService } from './audiences.service.js';
import { ClickHouseMemberships } from './clickhouse.memberships.js';
import { KafkaAudienceCatalog } from './kafka.audience-catalog.js';
import { MEMBERSHIPS } from './memberships.port.js';

@Module({
  imports: [ClickHouseModule],
  controllers: [AudiencesController],
  providers: [
    AudiencesService,
    { provide: AUDIENCE_CATALOG, useClass: KafkaAudienceCatalog },
    { provide: MEMBERSHIPS, useClass: ClickHouseMemberships },
  ],
})
export class AudiencesModule {}
