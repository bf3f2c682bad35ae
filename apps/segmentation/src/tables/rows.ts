import { originOf, rowsOf, type RowMapping } from '@tributary/clickhouse';
import { isEpochKey, isPartitionKey, TOPICS } from '@tributary/contracts';
import { ok } from '@tributary/kernel';

const toMembership = rowsOf(TOPICS.memberships, (message, record) =>
  'audienceKey' in message
    ? [
        {
          workspace_id: message.workspaceId,
          audience_key: message.audienceKey,
          profile_id: message.profileId,
          member: message.member,
          since: message.since,
          epoch: message.epoch,
          cause: message.cause,
          caused_by: message.causedBy ?? '',
          moved_to: message.movedTo ?? '',
          identifiers: message.identifiers,
          ...originOf(record),
        },
      ]
    : [],
);

const toChange = rowsOf(TOPICS.changes, (message, record) =>
  'audienceKey' in message
    ? [
        {
          workspace_id: message.workspaceId,
          id: message.id,
          audience_key: message.audienceKey,
          profile_id: message.profileId,
          change: message.change,
          at: message.at,
          cause: message.cause,
          caused_by: message.causedBy ?? '',
          moved_to: message.movedTo ?? '',
          identifiers: message.identifiers,
          epoch: Number(record.headers.epoch ?? 0),
          ...originOf(record),
        },
      ]
    : [],
);

/** What owners say of the partition is their business, and no membership. */
export const toMembershipRows: RowMapping = (record) =>
  isPartitionKey(record.key) ? ok([]) : toMembership(record);

export const toChangeRows: RowMapping = (record) => (isPartitionKey(record.key) ? ok([]) : toChange(record));

/** The epochs of changes: by them the view knows what a former owner wrote. */
export const toEpochRows: RowMapping = (record) =>
  isEpochKey(record.key) ? ok([{ epoch: Number(record.headers.epoch), ...originOf(record) }]) : ok([]);
