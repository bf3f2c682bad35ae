export * from './embedded-clickhouse.errors.js';
export { startClickHouse } from './start.js';
export type { EmbeddedClickHouse, EmbeddedServer, Exit, StartClickHouseOptions } from './start.js';
