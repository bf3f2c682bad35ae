import { Module } from '@nestjs/common';
import { IDENTITY_ASSIGNMENTS_SCHEMA, Tables, tablesOf } from '@tributary/clickhouse';
import { CONFIG, HEALTH, LOGGER, METRICS } from '@tributary/service';
import { AssignmentsSink } from './assignments.sink.js';
import { LinksSink } from './links.sink.js';
import { IDENTITY_SCHEMA } from './migrations.js';

/** The service's own tables in ClickHouse, filled from its own topics. */
@Module({
  controllers: [AssignmentsSink, LinksSink],
  providers: [
    {
      provide: Tables,
      inject: [CONFIG, LOGGER, METRICS, HEALTH],
      useFactory: tablesOf('identity', [IDENTITY_ASSIGNMENTS_SCHEMA, IDENTITY_SCHEMA]),
    },
  ],
})
export class TablesModule {}
