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

/**
 * A change may be written again by a request that was tried again, or by a former owner: of one id the highest epoch stays, then
 * the first record. A sink starts anywhere, and knows no epochs from before: so they are rows, too, and the view drops what is
 * behind a higher one. That is the rule for readers of the topic.
 */
const CHANGES = `CREATE TABLE IF NOT EXISTS audience_changes_log (
  workspace_id LowCardinality(String),
  id String,
  audience_key LowCardinality(String),
  profile_id String,
  change Enum8('entered' = 1, 'exited' = 2),
  at DateTime64(3, 'UTC'),
  cause LowCardinality(String),
  caused_by String,
  moved_to String,
  identifiers Array(String),
  epoch UInt64,
  ${ORIGIN},
  version UInt128 MATERIALIZED bitShiftLeft(toUInt128(epoch), 64) + (18446744073709551615 - kafka_offset)
) ENGINE = ReplacingMergeTree(version) ORDER BY (workspace_id, audience_key, at, id);

CREATE TABLE IF NOT EXISTS audience_changes_epochs (
  epoch UInt64,
  ${ORIGIN}
) ENGINE = ReplacingMergeTree ORDER BY (kafka_partition, kafka_offset);

CREATE OR REPLACE VIEW audience_changes AS
SELECT c.workspace_id AS workspace_id, c.id AS id, c.audience_key AS audience_key, c.profile_id AS profile_id,
  c.change AS change, c.at AS at, c.cause AS cause, c.caused_by AS caused_by, c.moved_to AS moved_to,
  c.identifiers AS identifiers, c.epoch AS epoch, c.kafka_partition AS kafka_partition, c.kafka_offset AS kafka_offset
FROM audience_changes_log AS c FINAL
ASOF LEFT JOIN (
  SELECT kafka_partition, kafka_offset, max(epoch) OVER (PARTITION BY kafka_partition ORDER BY kafka_offset) AS epoch
  FROM audience_changes_epochs
) AS e ON c.kafka_partition = e.kafka_partition AND c.kafka_offset >= e.kafka_offset
WHERE c.epoch >= e.epoch;`;

export const SEGMENTATION_SCHEMA: MigrationSet = {
  service: 'segmentation',
  migrations: [
    { name: '001_audience_memberships', sql: MEMBERSHIPS },
    { name: '002_audience_changes', sql: CHANGES },
    { name: '003_comments', sql: commentsOf(PUBLIC_TABLES) },
  ],
};
