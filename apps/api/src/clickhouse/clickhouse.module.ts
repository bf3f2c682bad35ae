import { Module } from '@nestjs/common';
import { clickHouseCheck, createClickHouse } from '@tributary/clickhouse';
import { CONFIG, HEALTH, HealthRegistry, type CommonConfig } from '@tributary/service';
import { ClickHouseReader } from './clickhouse.reader.js';

/** The tables of other services, which the API reads: it has none of its own to make. */
@Module({
  providers: [
    {
      provide: ClickHouseReader,
      inject: [CONFIG, HEALTH],
      useFactory: (config: CommonConfig, health: HealthRegistry) => {
        const client = createClickHouse({
          url: config.CLICKHOUSE_URL,
          database: config.CLICKHOUSE_DATABASE,
          application: 'tributary-api',
          requestTimeoutMs: 10_000,
        });
        health.add('clickhouse', clickHouseCheck(client));
        return new ClickHouseReader(client);
      },
    },
  ],
  exports: [ClickHouseReader],
})
export class ClickHouseModule {}
