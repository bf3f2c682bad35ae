import type { Sink } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import { toChangeRows, toEpochRows, toMembershipRows } from './rows.js';

export const SEGMENTATION_SINKS: readonly Sink[] = [
  { topic: TOPICS.memberships, table: 'audience_memberships', rows: toMembershipRows },
  { topic: TOPICS.changes, table: 'audience_changes_log', rows: toChangeRows },
  { topic: TOPICS.changes, table: 'audience_changes_epochs', rows: toEpochRows },
];
