import { IDENTITY_ASSIGNMENTS_SCHEMA } from '@tributary/clickhouse';
import { TablesDriver } from '@tributary/drivers';
import { PROFILE_BUILDER_SCHEMA } from '../src/tables/migrations.js';
import { PROFILE_BUILDER_SINKS } from '../src/tables/sinks.js';

export const at = '2026-01-02T03:04:05.678Z';

export function event(messageId: string, identifier: string, more: object = {}) {
  return {
    workspaceId: 'w',
    sourceId: 'web',
    type: 'track',
    messageId,
    event: 'Ordered',
    context: {},
    timestamp: at,
    receivedAt: at,
    identifiers: [identifier],
    ...more,
  };
}

export const tablesOfSpec = () =>
  new TablesDriver([IDENTITY_ASSIGNMENTS_SCHEMA, PROFILE_BUILDER_SCHEMA], PROFILE_BUILDER_SINKS);
