import type { Registry } from 'prom-client';
import { clickHouseCheck } from './clickhouse-check.js';
import type { MigrationSet } from './migrations.js';
import type { TablesLogger } from './tables.metrics.js';
import { Tables } from './tables.js';

/** The settings that a service's tables need. */
export interface TablesConfig {
  readonly CLICKHOUSE_URL: string;
  readonly CLICKHOUSE_DATABASE: string;
  readonly TABLES_LINGER_MS?: number;
}

/** Where a readiness check is added. */
export interface ReadinessChecks {
  add(
    name: string,
    check: () => boolean | Promise<boolean>,
    options?: { readonly required?: boolean; readonly awaited?: boolean },
  ): void;
}

export interface ServiceTablesOptions {
  /** Whether the service is not ready while ClickHouse does not answer; true unless given. */
  readonly required?: boolean;
}

/**
 * A Nest factory of a service's tables; injects settings, logger, metrics and health, in this order. The service is
 * ready when its tables are there and ClickHouse answers; it works all the same while that is away.
 */
export function tablesOf(
  service: string,
  schemas: readonly MigrationSet[],
  { required = true }: ServiceTablesOptions = {},
) {
  return (
    config: TablesConfig,
    logger: TablesLogger,
    registry: Registry,
    health: ReadinessChecks,
  ): Tables => {
    const tables = new Tables({
      clickhouse: {
        url: config.CLICKHOUSE_URL,
        database: config.CLICKHOUSE_DATABASE,
        application: `tributary-${service}`,
      },
      schemas,
      logger,
      registry,
      ...(config.TABLES_LINGER_MS === undefined ? {} : { lingerMs: config.TABLES_LINGER_MS }),
    });
    health.add('clickhouse', clickHouseCheck(tables.client), { required, awaited: false });
    health.add('tables', () => tables.attempted);
    return tables;
  };
}
