import type { Sink } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import { toEventRows, toProfileRows } from './rows.js';

export const PROFILE_BUILDER_SINKS: readonly Sink[] = [
  { topic: TOPICS.events, table: 'events_intake', rows: toEventRows },
  { topic: TOPICS.profiles, table: 'profiles', rows: toProfileRows },
];
