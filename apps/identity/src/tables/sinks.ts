import type { Sink } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import { toAssignmentRows, toLinkRows } from './rows.js';

export const IDENTITY_SINKS: readonly Sink[] = [
  { topic: TOPICS.assignments, table: 'identity_assignments', rows: toAssignmentRows },
  { topic: TOPICS.links, table: 'identity_links', rows: toLinkRows },
];
