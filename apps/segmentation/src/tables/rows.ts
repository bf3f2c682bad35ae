import { originOf, rowsOf, type RowMapping } from '@tributary/clickhouse';
import { isEpochKey, TOPICS } from '@tributary/contracts';
import { ok } from '@tributary/kernel';

const toRows = rowsOf(TOPICS.memberships, (message, record) =>
  'claim' in message
    ? []
    : [
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
      ],
);

/** Claims are the owners' business, and no memberships. */
export const toMembershipRows: RowMapping = (record) => (isEpochKey(record.key) ? ok([]) : toRows(record));

export const toChangeRows = rowsOf(TOPICS.changes, (message, record) => [
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
    version: message.version,
    identifiers: message.identifiers,
    ...originOf(record),
  },
]);
