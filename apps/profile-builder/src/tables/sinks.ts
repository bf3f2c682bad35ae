import type { Sink } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import { toAccountRows, toEventRows, toProfileRows } from './rows.js';

/** The group that fills the tables. */
export const TABLES_GROUP = 'profile-builder-tables';

export const PROFILE_BUILDER_SINKS: readonly Sink[] = [
  { topic: TOPICS.events, table: 'events_intake', rows: toEventRows },
  { topic: TOPICS.profiles, table: 'profiles', rows: toProfileRows },
  { topic: TOPICS.accounts, table: 'accounts', rows: toAccountRows },
];
