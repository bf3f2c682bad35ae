import { originOf, rowsOf } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';

export const toRejectedRows = rowsOf(TOPICS.rejected, (message, record) => [
  {
    workspace_id: message.workspaceId,
    source_id: message.sourceId,
    received_at: message.receivedAt,
    route: message.route,
    reasons: message.reasons,
    raw: message.raw,
    parsed: message.parsed === undefined ? '' : JSON.stringify(message.parsed),
    ...originOf(record),
  },
]);
