import { Module } from '@nestjs/common';
import { Tables, tablesOf } from '@tributary/clickhouse';
import { CONFIG, HEALTH, LOGGER, METRICS } from '@tributary/service';
import { ChangesSink } from './changes.sink.js';
import { MembershipsSink } from './memberships.sink.js';
import { SEGMENTATION_SCHEMA } from './migrations.js';

/** The service's own tables in ClickHouse, filled from its own topics. */
@Module({
  controllers: [ChangesSink, MembershipsSink],
  providers: [
    {
      provide: Tables,
      inject: [CONFIG, LOGGER, METRICS, HEALTH],
      useFactory: tablesOf('segmentation', [SEGMENTATION_SCHEMA]),
    },
  ],
})
export class TablesModule {}
