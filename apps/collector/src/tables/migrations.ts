import { commentsOf, type MigrationSet } from '@tributary/clickhouse';
import { PUBLIC_TABLES } from './public-tables.js';

export const COLLECTOR_SCHEMA: MigrationSet = {
  service: 'collector',
  migrations: [
    {
      name: '001_rejected_events',
      sql: `CREATE TABLE IF NOT EXISTS rejected_events (
  workspace_id LowCardinality(String),
  source_id LowCardinality(String),
  received_at DateTime64(3, 'UTC'),
  route LowCardinality(String),
  reasons Array(Tuple(code String, field String, message String)),
  raw String CODEC(ZSTD),
  parsed String CODEC(ZSTD),
  kafka_partition UInt16,
  kafka_offset UInt64
) ENGINE = ReplacingMergeTree
ORDER BY (workspace_id, source_id, received_at, kafka_partition, kafka_offset);`,
    },
    {
      name: '002_replays',
      sql: `ALTER TABLE rejected_events
  ADD COLUMN IF NOT EXISTS raw_is LowCardinality(String),
  ADD COLUMN IF NOT EXISTS call_index Int32 DEFAULT -1,
  ADD COLUMN IF NOT EXISTS request String CODEC(ZSTD);
CREATE TABLE IF NOT EXISTS rejected_replays (
  workspace_id LowCardinality(String),
  source_id LowCardinality(String),
  rejected_partition UInt16,
  rejected_offset UInt64,
  replayed_at DateTime64(3, 'UTC'),
  accepted UInt32,
  kafka_partition UInt16,
  kafka_offset UInt64
) ENGINE = ReplacingMergeTree
ORDER BY (workspace_id, rejected_partition, rejected_offset);`,
    },
    { name: '003_comments', sql: commentsOf(PUBLIC_TABLES) },
  ],
};
