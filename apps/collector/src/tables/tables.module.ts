import { Module } from '@nestjs/common';
import { Tables, tablesOf } from '@tributary/clickhouse';
import { CONFIG, HEALTH, LOGGER, METRICS } from '@tributary/service';
import { RejectedSink } from './rejected.sink.js';
import { COLLECTOR_SCHEMA } from './migrations.js';

/** The service's own tables in ClickHouse, filled from its own topics. */
@Module({
  controllers: [RejectedSink],
  providers: [
    {
      provide: Tables,
      inject: [CONFIG, LOGGER, METRICS, HEALTH],
      // The collector accepts what is sent whether ClickHouse is there or not.
      useFactory: tablesOf('collector', [COLLECTOR_SCHEMA], { required: false }),
    },
  ],
})
export class TablesModule {}
