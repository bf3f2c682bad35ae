function required(variable: string, what: string): string {
  const value = process.env[variable];
  if (value === undefined || value === '')
    throw new Error(
      `${variable} is not set, so this test has no ${what}: the project's jest.config.mjs must start from serversPreset (jest.preset.mjs), or set the variable to a running server`,
    );
  return value;
}

/**
 * The bootstrap addresses (`host:port`) of the broker that this test run uses.
 *
 * @throws Error when there is none: a missing server is a failure, never a reason to skip
 */
export function kafkaBrokers(): readonly string[] {
  return required('TEST_KAFKA_BROKERS', 'broker')
    .split(',')
    .map((broker) => broker.trim());
}

/**
 * The base URL of the ClickHouse that this test run uses.
 *
 * @throws Error when there is none: a missing server is a failure, never a reason to skip
 */
export function clickhouseUrl(): string {
  return required('TEST_CLICKHOUSE_URL', 'ClickHouse');
}

/**
 * The URL of the PostgreSQL that this test run uses, of a user who may make databases.
 *
 * @throws Error when there is none: a missing server is a failure, never a reason to skip
 */
export function postgresUrl(): string {
  return required('TEST_DATABASE_URL', 'PostgreSQL');
}
