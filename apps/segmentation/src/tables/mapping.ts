import { originOf, rowsOf, type RowMapping } from '@tributary/clickhouse';
import { isClaim, TOPICS, type AudienceChangeMessage, type MembershipMessage } from '@tributary/contracts';
import { ok } from '@tributary/kernel';

const toRows = rowsOf<MembershipMessage>(TOPICS.memberships, (message, record) => [
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
]);

/** Claims are the owners' business, and no memberships. */
export const toMembershipRows: RowMapping = (record) => (isClaim(record.key) ? ok([]) : toRows(record));

export const toChangeRows = rowsOf<AudienceChangeMessage>(TOPICS.changes, (message, record) => [
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
