/**
 * The way from a profile to its identifiers. `profile_identifiers` has a row of each profile that an identifier was
 * ever told, with whether it is there as of the latest version: every assignment names them all. It is filled by the
 * inserts of assignments, and once, when it is made, from those that there are. `identifiers_by_profile` shows who is
 * there; asked for a profile it reads that profile's rows alone. An identifier that was never assigned is not in it.
 */
export const PROFILE_IDENTIFIERS = `CREATE TABLE IF NOT EXISTS profile_identifiers (
  workspace_id LowCardinality(String),
  profile_id String,
  identifier String,
  version UInt64,
  attached Bool,
  reason LowCardinality(String),
  at DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree(version) ORDER BY (workspace_id, profile_id, identifier);

CREATE MATERIALIZED VIEW IF NOT EXISTS profile_identifiers_feed TO profile_identifiers AS
${rowsOfProfiles()};

INSERT INTO profile_identifiers
${rowsOfProfiles()};

CREATE OR REPLACE VIEW identifiers_by_profile AS
SELECT workspace_id, profile_id, identifier, version, reason, at
FROM profile_identifiers FINAL
WHERE attached;`;

function rowsOfProfiles(): string {
  return `SELECT
  a.workspace_id AS workspace_id,
  told AS profile_id,
  a.identifier AS identifier,
  a.version AS version,
  told = a.profile_id AS attached,
  a.reason AS reason,
  a.at AS at
FROM identity_assignments AS a
ARRAY JOIN arrayDistinct(arrayPushBack(a.formerly, a.profile_id)) AS told`;
}
