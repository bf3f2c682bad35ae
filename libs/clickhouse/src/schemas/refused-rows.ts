import type { LogRecord } from '@tributary/kafka';
import type { MigrationSet } from '../migrations.js';

/** Where records go that a table cannot take. */
export const REFUSED_ROWS = 'refused_rows';

/** The table of refused records; every service that has sinks runs it. */
export const REFUSED_ROWS_SCHEMA: MigrationSet = {
  service: 'refused-rows',
  migrations: [
    {
      name: '001_refused_rows',
      sql: `CREATE TABLE IF NOT EXISTS refused_rows (
  target_table LowCardinality(String),
  topic LowCardinality(String),
  kafka_partition UInt16,
  kafka_offset UInt64,
  key String,
  error String,
  value_base64 String,
  refused_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(refused_at) ORDER BY (target_table, topic, kafka_partition, kafka_offset);`,
    },
  ],
};

/** A record that a table cannot take, and why. */
export interface RefusedRecord {
  readonly record: LogRecord;
  readonly error: string;
}

/** The row of `refused_rows` that keeps a refused record, with its bytes in base64: they may be no text. */
export function toRefusedRow(table: string, { record, error }: RefusedRecord) {
  return {
    target_table: table,
    topic: record.topic,
    kafka_partition: record.partition,
    kafka_offset: record.offset,
    key: record.key,
    error,
    value_base64: record.value?.toString('base64') ?? '',
  };
}
