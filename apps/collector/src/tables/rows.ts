import { originOf, rowsOf, type RowMapping } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import { ok } from '@tributary/kernel';

const rejections = rowsOf(TOPICS.rejected, (message, record) => {
  if (!('raw' in message)) return [];
  return [
    {
      workspace_id: message.workspaceId,
      source_id: message.sourceId,
      received_at: message.receivedAt,
      route: message.route,
      reasons: message.reasons,
      raw: message.raw,
      parsed: message.parsed === undefined ? '' : JSON.stringify(message.parsed),
      raw_is: message.rawIs ?? '',
      call_index: message.index ?? -1,
      request: message.request === undefined ? '' : JSON.stringify(message.request),
      ...originOf(record),
    },
  ];
});

const replays = rowsOf(TOPICS.rejected, (message, record) => {
  if (!('rejected' in message)) return [];
  return [
    {
      workspace_id: message.workspaceId,
      source_id: message.sourceId,
      rejected_partition: message.rejected.partition,
      rejected_offset: message.rejected.offset,
      replayed_at: message.at,
      accepted: message.accepted,
      ...originOf(record),
    },
  ];
});

/** One topic fills two tables; what is of neither schema is refused once. */
export const toRejectedRows: RowMapping = (record) =>
  record.headers.schema === 'replayed@1' ? ok([]) : rejections(record);

export const toReplayRows: RowMapping = (record) =>
  record.headers.schema === 'replayed@1' ? replays(record) : ok([]);
