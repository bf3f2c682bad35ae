import type { MigrationSet } from '@tributary/clickhouse';

/** The table of assignments has a set of its own, as others join it. */
export const IDENTITY_SCHEMA: MigrationSet = {
  service: 'identity',
  migrations: [
    {
      name: '001_identity_links',
      sql: `CREATE TABLE IF NOT EXISTS identity_links (
  workspace_id LowCardinality(String),
  kind Enum8('verdict' = 1, 'fact' = 2),
  a String,
  b String,
  eligible Bool,
  first_seen DateTime64(3, 'UTC'),
  version UInt64,
  kafka_partition UInt16,
  kafka_offset UInt64
) ENGINE = ReplacingMergeTree(version) ORDER BY (workspace_id, kind, a, b);

CREATE OR REPLACE VIEW current_links AS
SELECT
  workspace_id,
  least(links.a, links.b) AS a,
  greatest(links.a, links.b) AS b,
  CAST(countIf(links.eligible) = 2, 'Bool') AS eligible,
  min(links.first_seen) AS first_seen,
  max(links.version) AS version
FROM identity_links AS links FINAL
WHERE kind = 'verdict'
GROUP BY workspace_id, a, b;`,
    },
  ],
};
