import { originOf, rowsOf, wellFormedJson, withFields, type RowMapping } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import { failed, ok } from '@tributary/kernel';

/**
 * Events go to ClickHouse as the bytes they are, and are parsed there alone: parsing each one here costs more than all
 * the rest of the sink. Records of another schema are none.
 */
export const toEventRows: RowMapping = ({ value, headers, partition, offset }) => {
  if (value === null || (headers.schema ?? 'event@1') !== 'event@1') return ok([]);
  const row = withFields(wellFormedJson(value), { kafkaPartition: partition, kafkaOffset: offset });
  return row ? ok([row]) : failed('the value is no JSON object');
};

export const toProfileRows = rowsOf(TOPICS.profiles, (message, record) => [
  {
    workspace_id: message.workspaceId,
    profile_id: message.profileId,
    version: message.version,
    at: message.at,
    merged_into: 'mergedInto' in message ? message.mergedInto : '',
    is_empty: 'empty' in message,
    profile: record.value ? wellFormedJson(record.value).toString('utf8') : '',
    ...originOf(record),
  },
]);

export const toAccountRows = rowsOf(TOPICS.accounts, (message, record) => [
  {
    workspace_id: message.workspaceId,
    group_id: message.groupId,
    version: message.version,
    at: message.at,
    account: record.value ? wellFormedJson(record.value).toString('utf8') : '',
    ...originOf(record),
  },
]);
