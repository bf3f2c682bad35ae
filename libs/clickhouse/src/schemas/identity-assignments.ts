import type { MigrationSet } from '../migrations.js';

/**
 * Whose an identifier is, every version of it, and the view of the latest. The identity service fills the table and
 * the profile-builder joins it into a view of its own, so both run this set and either may start alone.
 */
export const IDENTITY_ASSIGNMENTS_SCHEMA: MigrationSet = {
  service: 'identity-assignments',
  migrations: [
    {
      name: '001_identity_assignments',
      sql: `CREATE TABLE IF NOT EXISTS identity_assignments (
  workspace_id LowCardinality(String),
  identifier String,
  profile_id String,
  version UInt64,
  reason LowCardinality(String),
  formerly Array(String),
  resolved_partition UInt16,
  resolved_offset Int64,
  at DateTime64(3, 'UTC'),
  kafka_partition UInt16,
  kafka_offset UInt64
) ENGINE = ReplacingMergeTree(kafka_offset) ORDER BY (workspace_id, identifier, version);

CREATE OR REPLACE VIEW current_assignments AS
SELECT workspace_id, identifier, argMax(profile_id, version) AS profile_id, max(version) AS latest_version
FROM identity_assignments
GROUP BY workspace_id, identifier;`,
    },
  ],
};
