import { Module, type DynamicModule } from '@nestjs/common';
import { clickHouseCheck, Tables, type MigrationSet, type TABLES_SETTINGS } from '@tributary/clickhouse';
import {
  CONFIG,
  HEALTH,
  LOGGER,
  METRICS,
  type Config,
  type HealthRegistry,
  type Logger,
} from '@tributary/service';
import type { Registry } from 'prom-client';

export interface ClickHouseModuleOptions {
  /** Names the service to ClickHouse. */
  readonly service: string;
  /** The service's own tables; run in this order. */
  readonly schemas: readonly MigrationSet[];
  /** Whether the service is not ready while ClickHouse does not answer; true unless given. */
  readonly required?: boolean;
}

/**
 * A service's own tables in ClickHouse: provides {@link Tables} to all modules, and the health checks `clickhouse` and
 * `tables`, and `inserts`: whether each table takes rows. The service is ready when its tables are there and ClickHouse
 * answers; it works all the same while that is away, so a start does not wait for it.
 */
@Module({})
export class ClickHouseModule {
  static register({ service, schemas, required = true }: ClickHouseModuleOptions): DynamicModule {
    const tables = {
      provide: Tables,
      inject: [CONFIG, LOGGER, METRICS, HEALTH],
      useFactory: (
        config: Config<typeof TABLES_SETTINGS>,
        logger: Logger,
        registry: Registry,
        health: HealthRegistry,
      ) => {
        const clickhouse = {
          url: config.CLICKHOUSE_URL,
          database: config.CLICKHOUSE_DATABASE,
          application: `tributary-${service}`,
        };
        const pace = { lingerMs: config.TABLES_LINGER_MS, everyMs: config.TABLES_EVERY_MS };
        const made = new Tables({ clickhouse, schemas, logger, registry, pace });
        health.add('clickhouse', clickHouseCheck(made.client), { required, awaited: false });
        health.add('tables', () => made.attempted);
        health.add('inserts', () => made.assertTaking(), { required, awaited: false });
        return made;
      },
    };
    return { module: ClickHouseModule, global: true, providers: [tables], exports: [Tables] };
  }
}
