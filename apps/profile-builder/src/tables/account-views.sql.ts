import { instantIn, jsonIn } from './published-json.sql.js';

/**
 * `accounts`: what `accounts.v1` says. `latest_accounts`: for programs, each account's latest version as it was published.
 * `current_accounts`: accounts as they are now, with their traits by name.
 */
export const ACCOUNTS_TABLE = `CREATE TABLE IF NOT EXISTS accounts (
  workspace_id LowCardinality(String),
  group_id String,
  version UInt64,
  at DateTime64(3, 'UTC'),
  account String CODEC(ZSTD),
  kafka_partition UInt16,
  kafka_offset UInt64
) ENGINE = ReplacingMergeTree(version) ORDER BY (workspace_id, group_id);

CREATE OR REPLACE VIEW latest_accounts AS
SELECT workspace_id, group_id, version, at, account
FROM accounts FINAL;

CREATE OR REPLACE VIEW current_accounts AS
SELECT
  workspace_id,
  group_id,
  ${jsonIn('account', 'traits')},
  ${jsonIn('account', 'computed')},
  JSONExtractUInt(account, 'peopleCount') AS people_count,
  ${instantIn('account', 'firstSeenAt')} AS first_seen_at,
  ${instantIn('account', 'lastSeenAt')} AS last_seen_at,
  version,
  at
FROM accounts FINAL
SETTINGS type_json_skip_duplicated_paths = 1, input_format_try_infer_dates = 0, input_format_try_infer_datetimes = 0;

ALTER TABLE events_log ADD INDEX IF NOT EXISTS group_id_index group_id TYPE bloom_filter GRANULARITY 4;`;
