import type { PublicTable } from '@tributary/clickhouse';

const EVENT_COLUMNS = {
  workspace_id: 'the workspace',
  identifier: 'the primary identifier, namespace:value',
  message_id: 'the messageId',
  deduplication_id:
    'what duplicates have in common: the messageId, unless the source names a property; with the identifier, the key',
  type: 'track, page, screen, identify, group or alias',
  event: 'the name of a track call',
  name: 'the name of a page or screen',
  timestamp: 'when it happened',
  received_at: 'when the collector received it',
  sequence: 'its place among what the collector received in that millisecond',
  original_timestamp: 'the time as it was sent',
  sent_at: 'when the library sent it, by its own clock',
  source_id: 'the source',
  user_id: 'as it was sent; empty if not',
  anonymous_id: 'as it was sent; empty if not',
  previous_id: 'of an alias call',
  group_id: 'of a group call',
  identifiers: 'all identifiers on it, the primary one first',
  kafka_partition: 'its place in events.v1',
  kafka_offset: 'its place in events.v1',
  properties: 'JSON',
  traits: 'JSON; of identify and group calls',
  context: 'JSON',
} as const;

const PROFILE_COLUMNS = {
  workspace_id: 'the workspace',
  profile_id: 'the profile; with the workspace, the key',
  traits: 'JSON, by name: traits.plan',
  computed: 'JSON, computed traits by key as of `at`: computed.orders',
  identifiers: 'namespace:value',
  first_seen_at: 'the time of the first event',
  last_seen_at: 'the time of the last event',
  event_count: 'how many events',
  version: 'grows with each change but those that time alone makes of computed traits',
  at: 'when this version was published',
} as const;

const ACCOUNT_COLUMNS = {
  workspace_id: 'the workspace',
  group_id: 'as it was sent; with the workspace, the key',
  traits: 'JSON, by name: traits.plan',
  computed: 'JSON, computed traits of accounts by key as of `at`: computed.revenue',
  people_count: 'how many profiles belong to it',
  first_seen_at: 'the time of the first group call that named it',
  last_seen_at: 'the time of the last group call that named it',
  version: 'grows with each change but those that time alone makes of computed traits',
  at: 'when this version was published',
} as const;

/** The tables of this service that people query; `docs/tables.md` is generated from them. */
export const PUBLIC_TABLES: readonly PublicTable[] = [
  {
    name: 'events',
    kind: 'view',
    holds: 'One row for each accepted event; duplicates are dropped.',
    columns: EVENT_COLUMNS,
  },
  {
    name: 'events_by_profile',
    kind: 'view',
    holds: 'The same, with the profile that has the primary identifier now.',
    columns: {
      profile_id: 'the profile that has the identifier now',
      ...EVENT_COLUMNS,
    },
  },
  {
    name: 'current_profiles',
    kind: 'view',
    holds:
      'People as they are now: one row a profile, none for those that were merged or of which nothing is known any more.',
    columns: PROFILE_COLUMNS,
  },
  {
    name: 'current_accounts',
    kind: 'view',
    holds: 'Accounts as they are now: one row for each group id that a group call named.',
    columns: ACCOUNT_COLUMNS,
  },
];
