import { instantIn, jsonIn } from './published-json.sql.js';

const PROFILE_SETTINGS =
  'type_json_skip_duplicated_paths = 1, input_format_try_infer_dates = 0, input_format_try_infer_datetimes = 0';
const jsonOf = (name: string) => jsonIn('profile', name);
const instantOf = (name: string) => instantIn('profile', name);

/** A profile as people query it: one that was merged is nobody's. */
const SHOWN = `  ${jsonOf('traits')},
  ${jsonOf('computed')},
  arrayMap(
    one -> concat(one.namespace, ':', one.value),
    JSONExtract(profile, 'identifiers', 'Array(Tuple(namespace String, value String))')
  ) AS identifiers,
  ${instantOf('firstSeenAt')} AS first_seen_at,
  ${instantOf('lastSeenAt')} AS last_seen_at,
  JSONExtractUInt(profile, 'eventCount') AS event_count,
  version,
  at`;

/**
 * `latest_profiles`: for programs, each profile's latest version as it was published, merged and empty ones too.
 * `current_profiles`: people as they are now, with their traits by name; a profile that was merged is nobody's.
 */
export const PROFILE_VIEWS = `CREATE OR REPLACE VIEW latest_profiles AS
SELECT workspace_id, profile_id, version, at, merged_into, is_empty, profile
FROM profiles FINAL;

CREATE OR REPLACE VIEW current_profiles AS
SELECT
  workspace_id,
  profile_id,
${SHOWN}
FROM profiles FINAL
WHERE merged_into = '' AND NOT is_empty
SETTINGS ${PROFILE_SETTINGS};`;

/**
 * `profiles_by_day`: what each profile was at the end of each day (UTC) on which it changed; `profiles_as_of(day = …)`: everybody
 * as they were then.
 */
export const PROFILES_BY_DAY = `CREATE TABLE IF NOT EXISTS profiles_by_day (
  workspace_id LowCardinality(String),
  day Date,
  profile_id String,
  version UInt64,
  at DateTime64(3, 'UTC'),
  merged_into String,
  is_empty Bool,
  profile String CODEC(ZSTD)
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (workspace_id, profile_id, day);

CREATE MATERIALIZED VIEW IF NOT EXISTS profiles_by_day_feed TO profiles_by_day AS
SELECT workspace_id, toDate(at) AS day, profile_id, version, at, merged_into, is_empty, profile
FROM profiles;

CREATE OR REPLACE VIEW profiles_as_of AS
SELECT
  workspace_id,
  profile_id,
${SHOWN}
FROM (
  SELECT workspace_id, profile_id, version, at, merged_into, is_empty, profile
  FROM profiles_by_day FINAL
  WHERE day <= {day:Date}
  ORDER BY workspace_id, profile_id, day DESC
  LIMIT 1 BY workspace_id, profile_id
)
WHERE merged_into = '' AND NOT is_empty
SETTINGS ${PROFILE_SETTINGS};`;
