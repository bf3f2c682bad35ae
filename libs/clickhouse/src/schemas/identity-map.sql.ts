/**
 * `identity_map`: the latest assignment of each identifier, in the order of identifiers, so that whoever reads rows in
 * that order can join it as it goes and holds none of it. Filled by the inserts of assignments, and once, when it is
 * made, from those that there are. `current_assignments` reads it.
 */
export const IDENTITY_MAP = `CREATE TABLE IF NOT EXISTS identity_map (
  workspace_id LowCardinality(String),
  identifier String,
  profile_id String,
  version UInt64
) ENGINE = ReplacingMergeTree(version) ORDER BY (workspace_id, identifier);

CREATE MATERIALIZED VIEW IF NOT EXISTS identity_map_feed TO identity_map AS
SELECT workspace_id, identifier, profile_id, version FROM identity_assignments;

INSERT INTO identity_map
SELECT workspace_id, identifier, profile_id, version FROM identity_assignments;

CREATE OR REPLACE VIEW current_assignments AS
SELECT workspace_id, identifier, profile_id, version AS latest_version
FROM identity_map FINAL;`;
