export * from './embedded-postgres.errors.js';
export { startPostgres, type EmbeddedPostgres, type StartPostgresOptions } from './start.js';
