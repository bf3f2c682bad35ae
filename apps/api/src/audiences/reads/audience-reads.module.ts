import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../../clickhouse/clickhouse.module.js';
import { ControlModule } from '../../control/control.module.js';
import { AudiencesModule } from '../audiences.module.js';
import { AudienceExplanationsService } from './audience-explanations.service.js';
import { AudiencePreviewsService } from './audience-previews.service.js';
import { AudienceReadsController } from './audience-reads.controller.js';
import { AudienceSizesService } from './audience-sizes.service.js';
import { ClickHouseAudienceSizes } from './clickhouse.audience-sizes.js';
import { ClickHouseMemberExport } from './clickhouse.member-export.js';
import { ClickHousePersonEvents } from './clickhouse.person-events.js';
import { ClickHousePreviews } from './clickhouse.previews.js';
import { TraitMerges } from './trait-merges.js';

@Module({
  imports: [ClickHouseModule, ControlModule, AudiencesModule],
  controllers: [AudienceReadsController],
  providers: [
    AudiencePreviewsService,
    AudienceExplanationsService,
    AudienceSizesService,
    ClickHousePreviews,
    ClickHousePersonEvents,
    ClickHouseAudienceSizes,
    ClickHouseMemberExport,
    TraitMerges,
  ],
})
export class AudienceReadsModule {}
