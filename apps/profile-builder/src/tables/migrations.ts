import { commentsOf, type MigrationSet } from '@tributary/clickhouse';
import { ACCOUNTS_TABLE } from './account-views.sql.js';
import { PUBLIC_TABLES } from './public-tables.js';
import {
  EVENT_VIEWS,
  EVENTS_BY_PROFILE,
  EVENTS_MERGED_WITH_MAP,
  EVENTS_OF_PROFILE,
} from './event-views.sql.js';
import { EVENTS_TABLE } from './events.sql.js';
import { PROFILE_VIEWS, PROFILES_BY_DAY } from './profile-views.sql.js';
import { PLAN_VIOLATIONS } from './plan-violations.sql.js';
import { WORKSPACES_WITH_ORDERS } from './workspaces-with-orders.sql.js';

/** Comes after the table of assignments, through which events are read by profile. */
export const PROFILE_BUILDER_SCHEMA: MigrationSet = {
  service: 'profile-builder',
  migrations: [
    { name: '001_events', sql: EVENTS_TABLE },
    { name: '002_event_views', sql: EVENT_VIEWS },
    { name: '003_events_by_profile', sql: EVENTS_BY_PROFILE },
    {
      name: '004_profiles',
      sql: `CREATE TABLE IF NOT EXISTS profiles (
  workspace_id LowCardinality(String),
  profile_id String,
  version UInt64,
  at DateTime64(3, 'UTC'),
  merged_into String,
  is_empty Bool,
  profile String CODEC(ZSTD),
  kafka_partition UInt16,
  kafka_offset UInt64
) ENGINE = ReplacingMergeTree(version) ORDER BY (workspace_id, profile_id);

${PROFILE_VIEWS}`,
    },
    { name: '005_plan_violations', sql: PLAN_VIOLATIONS },
    { name: '006_events_merged_with_map', sql: EVENTS_MERGED_WITH_MAP },
    { name: '007_events_of_profile', sql: EVENTS_OF_PROFILE },
    { name: '008_profiles_by_day', sql: `${PROFILES_BY_DAY}\n\n${PROFILE_VIEWS}` },
    {
      name: '009_comments',
      sql: commentsOf(PUBLIC_TABLES.filter(({ name }) => name !== 'current_accounts')),
    },
    { name: '010_workspaces_with_orders', sql: WORKSPACES_WITH_ORDERS },
    { name: '011_accounts', sql: `${ACCOUNTS_TABLE}\n\n${commentsOf(PUBLIC_TABLES)}` },
  ],
};
