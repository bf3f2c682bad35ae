import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';

export interface ClickHouseOptions {
  /** The HTTP interface, with user and password in it where they are needed. */
  readonly url: string;
  /** Every statement without a database of its own is about this one. */
  readonly database: string;
  /** Who asks, in ClickHouse's query log. */
  readonly application?: string;
  /** How long an answer may take; 60,000 ms unless given. */
  readonly requestTimeoutMs?: number;
}

const REQUEST_TIMEOUT_MS = 60_000;

/**
 * A client whose inserts are synchronous (acknowledged means stored) and whose times are RFC 3339 both ways. It does
 * not connect by itself and asks nothing of the server: a ClickHouse that is away fails the statement, not this call.
 * The database need not exist yet; see {@link createDatabase}.
 */
export function createClickHouse(options: ClickHouseOptions): ClickHouseClient {
  return connect(options, options.database);
}

/** Creates the database where it is missing; as often as one likes. Rejects when ClickHouse cannot be reached. */
export async function createDatabase(options: ClickHouseOptions): Promise<void> {
  const client = connect(options, 'default');
  try {
    await client.command({
      query: 'CREATE DATABASE IF NOT EXISTS {database:Identifier}',
      query_params: { database: options.database },
    });
  } finally {
    await client.close();
  }
}

function connect(options: ClickHouseOptions, database: string): ClickHouseClient {
  return createClient({
    url: options.url,
    database,
    application: options.application ?? 'tributary',
    request_timeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    max_open_connections: 16,
    keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      async_insert: 0,
      date_time_input_format: 'best_effort',
      date_time_output_format: 'iso',
      output_format_json_quote_64bit_integers: 0,
    },
  });
}
