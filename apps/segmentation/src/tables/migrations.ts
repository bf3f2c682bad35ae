import { commentsOf, type MigrationSet } from '@tributary/clickhouse';
import { PUBLIC_TABLES } from './public-tables.js';

const ORIGIN = `kafka_partition UInt16,
  kafka_offset UInt64`;

/** Of a membership the highest epoch stays, and of its records the last: as readers of the topic have it. */
const MEMBERSHIPS = `CREATE TABLE IF NOT EXISTS audience_memberships (
  workspace_id LowCardinality(String),
  audience_key LowCardinality(String),
  profile_id String,
  member Bool,
  since DateTime64(3, 'UTC'),
  epoch UInt64,
  cause LowCardinality(String),
  caused_by String,
  moved_to String,
  identifiers Array(String),
  ${ORIGIN},
  version UInt128 MATERIALIZED bitShiftLeft(toUInt128(epoch), 64) + kafka_offset
) ENGINE = ReplacingMergeTree(version) ORDER BY (workspace_id, audience_key, profile_id);

CREATE OR REPLACE VIEW current_memberships AS
SELECT workspace_id, audience_key, profile_id, since, identifiers
FROM audience_memberships FINAL
WHERE member;`;

const CHANGES = `CREATE TABLE IF NOT EXISTS audience_changes (
  workspace_id LowCardinality(String),
  id String,
  audience_key LowCardinality(String),
  profile_id String,
  change Enum8('entered' = 1, 'exited' = 2),
  at DateTime64(3, 'UTC'),
  cause LowCardinality(String),
  caused_by String,
  moved_to String,
  version UInt64,
  identifiers Array(String),
  ${ORIGIN}
) ENGINE = ReplacingMergeTree ORDER BY (workspace_id, audience_key, at, id);`;

export const SEGMENTATION_SCHEMA: MigrationSet = {
  service: 'segmentation',
  migrations: [
    { name: '001_audience_memberships', sql: MEMBERSHIPS },
    { name: '002_audience_changes', sql: CHANGES },
    { name: '003_comments', sql: commentsOf(PUBLIC_TABLES) },
  ],
};
