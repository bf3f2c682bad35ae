export const IDENTITY_LINKS = `CREATE TABLE IF NOT EXISTS identity_links (
  workspace_id LowCardinality(String),
  kind Enum8('eligibility' = 1, 'fact' = 2),
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
WHERE kind = 'eligibility'
GROUP BY workspace_id, a, b;`;

/** What both ends of a link say of it, where `table` gives the rows; an end that has said nothing yet says null. */
const bothEnds = (rows: string) => `SELECT
  workspace_id,
  least(links.a, links.b) AS a,
  greatest(links.a, links.b) AS b,
  CAST(countIf(links.eligible) = 2, 'Bool') AS eligible,
  anyOrNullIf(toString(links.refusal), links.a < links.b) AS refusal_a,
  anyOrNullIf(toString(links.refusal), links.a > links.b) AS refusal_b,
  min(links.first_seen) AS first_seen,
  anyOrNullIf(links.end_first_seen, links.a < links.b) AS a_first_seen,
  anyOrNullIf(links.end_first_seen, links.a > links.b) AS b_first_seen,
  max(links.version) AS version
FROM identity_links AS links FINAL
WHERE kind = 'eligibility'${rows}
GROUP BY workspace_id, a, b;`;

/** The links of the identifiers that `which` gives, which reads few: those of one workspace. */
const linksOf = (which: string) =>
  bothEnds(`
  AND links.workspace_id = {workspace:String}
  AND (
    links.a IN ${which}
    OR links.b IN ${which} AND links.a IN (
      SELECT said.b FROM identity_links AS said
      WHERE said.workspace_id = {workspace:String} AND said.kind = 'eligibility' AND said.a IN ${which}
    )
  )`);

const OF_PROFILE = `(
  SELECT identifier FROM identifiers_by_profile
  WHERE workspace_id = {workspace:String} AND profile_id = {profile:String}
)`;

/**
 * Eligibilities carry why (empty: eligible), and when their own end was first seen. Rows from before know neither: refused
 * they are by an `unknown` rule, and their end was seen with the link at the latest.
 *
 * `current_links` is for reading many. `links_of(workspace = …, identifiers = […])` and `links_of_profile(workspace = …,
 * profile = …)` read the links of those alone: what they said by the primary key, and by it what the partners said whom
 * that names, for both ends speak of every link.
 */
export const LINK_REFUSALS = `ALTER TABLE identity_links
  ADD COLUMN IF NOT EXISTS refusal LowCardinality(String) DEFAULT if(eligible, '', 'unknown') AFTER eligible,
  ADD COLUMN IF NOT EXISTS end_first_seen DateTime64(3, 'UTC') DEFAULT first_seen AFTER first_seen;

CREATE OR REPLACE VIEW current_links AS
${bothEnds('')}

CREATE OR REPLACE VIEW links_of AS
${linksOf('{identifiers:Array(String)}')}

CREATE OR REPLACE VIEW links_of_profile AS
${linksOf(OF_PROFILE)}`;
