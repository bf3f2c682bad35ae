export { clickHouseCheck } from './clickhouse-check.js';
export type { ClickHouseClient } from '@clickhouse/client';
export { createClickHouse, createDatabase, type ClickHouseOptions } from './client.js';
export { isRowFault, MigrationChangedError, SinkClosedError } from './clickhouse.errors.js';
export { ClickHouseRowWriter } from './clickhouse-row-writer.js';
export { wellFormedJson, withFields } from './json-text.js';
export { migrate, statementsOf, type Migration, type MigrationSet } from './migrations.js';
export { commentsOf, type PublicTable } from './public-table.js';
export { profileIdSql } from './profile-id-sql.js';
export { retryForever, systemRetryPort, type RetryOptions, type RetryPort } from './retry.js';
export type { RowWriter } from './row-writer.port.js';
export { IDENTITY_ASSIGNMENTS_SCHEMA } from './schemas/identity-assignments.js';
export {
  REFUSED_ROWS,
  REFUSED_ROWS_SCHEMA,
  toRefusedRow,
  type RefusedRecord,
} from './schemas/refused-rows.js';
export { VALUE_FUNCTIONS_SCHEMA } from './schemas/value-functions.js';
export type { SinkObserver } from './sink-observer.port.js';
export { sinksOf, type Sink, type Sinks } from './sinks.js';
export {
  TableSink,
  type RowMapping,
  type Schedule,
  type SinkRow,
  type TableSinkOptions,
} from './table-sink.js';
export { TABLES_SETTINGS } from './tables.config.js';
export { TablesMetrics, type TablesLogger } from './tables.metrics.js';
export { Tables, type TablesOptions } from './tables.js';
export { originOf, rowsOf, type MessageOf } from './rows-of.js';
