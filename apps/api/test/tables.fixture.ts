/** What the services whose tables these are give to the readers of the API; assignments have migrations of their own. */
export const TABLES = [
  `CREATE TABLE latest_profiles (workspace_id String, profile_id String, merged_into String, is_empty Bool, profile String)
   ENGINE = MergeTree ORDER BY (workspace_id, profile_id)`,
  `CREATE TABLE latest_accounts (workspace_id String, group_id String, account String)
   ENGINE = MergeTree ORDER BY (workspace_id, group_id)`,
  `CREATE TABLE current_memberships (workspace_id String, audience_key String, profile_id String,
     since DateTime64(3, 'UTC'), identifiers Array(String))
   ENGINE = MergeTree ORDER BY (workspace_id, audience_key, profile_id)`,
  `CREATE TABLE plan_violations (workspace_id String, source_id String, received_at DateTime64(3, 'UTC'),
     type String, event String, code String, field String, message String, dropped Bool,
     kafka_partition UInt16, kafka_offset UInt64)
   ENGINE = ReplacingMergeTree ORDER BY (workspace_id, source_id, received_at, field)`,
  `CREATE TABLE rejected_events (workspace_id LowCardinality(String), source_id LowCardinality(String),
     received_at DateTime64(3, 'UTC'), route LowCardinality(String),
     reasons Array(Tuple(code String, field String, message String)), raw String, parsed String,
     kafka_partition UInt16, kafka_offset UInt64, raw_is LowCardinality(String), call_index Int32 DEFAULT -1,
     request String)
   ENGINE = ReplacingMergeTree ORDER BY (workspace_id, source_id, received_at, kafka_partition, kafka_offset)`,
  `CREATE TABLE rejected_replays (workspace_id LowCardinality(String), source_id LowCardinality(String),
     rejected_partition UInt16, rejected_offset UInt64, replayed_at DateTime64(3, 'UTC'), accepted UInt32,
     kafka_partition UInt16, kafka_offset UInt64)
   ENGINE = ReplacingMergeTree ORDER BY (workspace_id, rejected_partition, rejected_offset)`,
  `CREATE TABLE identity_links (workspace_id LowCardinality(String), kind Enum8('eligibility' = 1, 'fact' = 2), a String,
     b String, eligible Bool, refusal LowCardinality(String), first_seen DateTime64(3, 'UTC'),
     end_first_seen DateTime64(3, 'UTC'), version UInt64, kafka_partition UInt16, kafka_offset UInt64)
   ENGINE = ReplacingMergeTree(version) ORDER BY (workspace_id, kind, a, b)`,
  `CREATE TABLE events_log (workspace_id LowCardinality(String), identifier String, message_id String,
     type LowCardinality(String), event LowCardinality(String), name String, timestamp DateTime64(3, 'UTC'),
     received_at DateTime64(3, 'UTC'), sequence UInt32, source_id LowCardinality(String), group_id String,
     properties String, traits String, context String, identifiers Array(String), kafka_partition UInt16,
     kafka_offset UInt64)
   ENGINE = ReplacingMergeTree ORDER BY (workspace_id, identifier, message_id)`,
  `CREATE VIEW events_log_of_profile AS SELECT message_id AS deduplication_id, * FROM events_log
   WHERE workspace_id = {workspace:String} AND identifier IN (SELECT identifier FROM identity_assignments
     WHERE workspace_id = {workspace:String} AND profile_id = {profile:String})`,
  `CREATE TABLE audience_memberships (workspace_id LowCardinality(String), audience_key LowCardinality(String),
     profile_id String, member Bool, since DateTime64(3, 'UTC'), cause LowCardinality(String), caused_by String,
     version UInt128)
   ENGINE = ReplacingMergeTree(version) ORDER BY (workspace_id, audience_key, profile_id)`,
  `CREATE TABLE audience_changes (workspace_id LowCardinality(String), audience_key LowCardinality(String),
     profile_id String, change Enum8('entered' = 1, 'exited' = 2), at DateTime64(3, 'UTC'), kafka_offset UInt64)
   ENGINE = MergeTree ORDER BY (workspace_id, audience_key, at)`,
  `CREATE TABLE audience_changes_epochs (epoch UInt64, kafka_partition UInt16, kafka_offset UInt64)
   ENGINE = MergeTree ORDER BY (kafka_partition, kafka_offset)`,
  ...['profiles', 'profiles_by_day', 'audience_changes_log'].map(
    (table) => `CREATE TABLE ${table} (workspace_id LowCardinality(String), profile_id String)
   ENGINE = MergeTree ORDER BY (workspace_id, profile_id)`,
  ),
  `CREATE TABLE workspaces_with_orders (workspace_id String) ENGINE = ReplacingMergeTree ORDER BY workspace_id`,
];

/** Beside the table of assignments: events with the profile that has the identifier now. */
export const EVENTS_BY_PROFILE = `CREATE VIEW events_log_by_profile AS
   SELECT if(a.profile_id = '', e.identifier, a.profile_id) AS profile_id, e.message_id AS deduplication_id, e.*
   FROM events_log AS e
   LEFT ANY JOIN identity_assignments AS a ON a.workspace_id = e.workspace_id AND a.identifier = e.identifier`;
