import type { Sink } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import { toRejectedRows, toReplayRows } from './rows.js';

export const COLLECTOR_SINKS: readonly Sink[] = [
  { topic: TOPICS.rejected, table: 'rejected_events', rows: toRejectedRows },
  { topic: TOPICS.rejected, table: 'rejected_replays', rows: toReplayRows },
];
