import type { MigrationSet } from '../migrations.js';
import { IDENTITY_HISTORY } from './identity-history.sql.js';
import { IDENTITY_MAP } from './identity-map.sql.js';
import { PUBLIC_TABLES } from './public-tables.js';
import { commentsOf } from '../public-table.js';
import { PROFILE_IDENTIFIERS } from './profile-identifiers.sql.js';

/**
 * Whose an identifier is, every version of it, and the views of them. The identity service fills the table and the
 * profile-builder reads events through it, so both run this set and either may start alone.
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
    { name: '002_profile_identifiers', sql: PROFILE_IDENTIFIERS },
    { name: '003_identity_history', sql: IDENTITY_HISTORY },
    { name: '004_identity_map', sql: IDENTITY_MAP },
    { name: '005_comments', sql: commentsOf(PUBLIC_TABLES) },
  ],
};
