import { Module } from '@nestjs/common';
import { IDENTITY_ASSIGNMENTS_SCHEMA, Tables, tablesOf } from '@tributary/clickhouse';
import { CONFIG, HEALTH, LOGGER, METRICS } from '@tributary/service';
import { EventsSink } from './events.sink.js';
import { ProfilesSink } from './profiles.sink.js';
import { PROFILE_BUILDER_SCHEMA } from './migrations.js';

/** The service's own tables in ClickHouse, filled from its own topics. */
@Module({
  controllers: [EventsSink, ProfilesSink],
  providers: [
    {
      provide: Tables,
      inject: [CONFIG, LOGGER, METRICS, HEALTH],
      useFactory: tablesOf('profile-builder', [IDENTITY_ASSIGNMENTS_SCHEMA, PROFILE_BUILDER_SCHEMA]),
    },
  ],
})
export class TablesModule {}
