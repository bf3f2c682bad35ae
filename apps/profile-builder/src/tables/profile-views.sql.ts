const PROFILE_SETTINGS =
  'type_json_skip_duplicated_paths = 1, input_format_try_infer_dates = 0, input_format_try_infer_datetimes = 0';
const rawMember = (name: string) => `JSONExtractRaw(profile, '${name}')`;
const jsonOf = (name: string) => {
  const text = rawMember(name);
  return `CAST(if(isValidJSON(${text}), ${text}, '{}'), 'JSON') AS ${name}`;
};
const instantOf = (name: string) =>
  `parseDateTime64BestEffortOrNull(JSONExtractString(profile, '${name}'), 3, 'UTC')`;

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
  ${jsonOf('traits')},
  arrayMap(
    one -> concat(one.namespace, ':', one.value),
    JSONExtract(profile, 'identifiers', 'Array(Tuple(namespace String, value String))')
  ) AS identifiers,
  ${instantOf('firstSeenAt')} AS first_seen_at,
  ${instantOf('lastSeenAt')} AS last_seen_at,
  JSONExtractUInt(profile, 'eventCount') AS event_count,
  version,
  at
FROM profiles FINAL
WHERE merged_into = '' AND NOT is_empty
SETTINGS ${PROFILE_SETTINGS};`;
