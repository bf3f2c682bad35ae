import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { createClickHouse } from '@tributary/clickhouse';
import { CONFIG, type CommonConfig } from '@tributary/service';
import { ClickHouseReader } from './clickhouse.reader.js';

@Module({
  providers: [
    {
      provide: ClickHouseReader,
      inject: [CONFIG],
      useFactory: (config: CommonConfig) =>
        new ClickHouseReader(
          createClickHouse({
            url: config.CLICKHOUSE_URL,
            database: config.CLICKHOUSE_DATABASE,
            application: 'tributary-api',
            requestTimeoutMs: 10_000,
          }),
        ),
    },
  ],
  exports: [ClickHouseReader],
})
export class ClickHouseModule implements OnApplicationShutdown {
  constructor(@Inject(ClickHouseReader) private readonly reader: ClickHouseReader) {}

  async onApplicationShutdown(): Promise<void> {
    await this.reader.close();
  }
}
