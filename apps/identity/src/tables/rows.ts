import { originOf, rowsOf, type RowMapping } from '@tributary/clickhouse';
import { TOPICS, type LinkMessage } from '@tributary/contracts';
import { ok, toInstant } from '@tributary/kernel';

export const toAssignmentRows = rowsOf(TOPICS.assignments, (message, record) => [
  {
    workspace_id: message.workspaceId,
    identifier: message.identifier,
    profile_id: message.profileId,
    version: message.version,
    reason: message.reason,
    formerly: message.formerly,
    resolved_partition: message.resolvedThrough.partition,
    resolved_offset: message.resolvedThrough.offset,
    at: message.at,
    ...originOf(record),
  },
]);

/**
 * Eligibilities alone make rows: what a link is follows from what both its ends say. Most messages are others, and are published
 * by a header, so that they need not be read for it.
 */
export const toLinkRows: RowMapping = (record) => {
  const { kind } = record.headers;
  return kind === undefined || kind === ('eligibility' satisfies LinkMessage['kind'])
    ? readLinkRows(record)
    : ok([]);
};

const readLinkRows = rowsOf(TOPICS.links, (message, record) => {
  if (!('kind' in message) || message.kind !== 'eligibility') return [];
  return [
    {
      workspace_id: message.workspaceId,
      kind: 'eligibility',
      a: message.end,
      b: message.other,
      eligible: message.refusal === undefined,
      refusal: message.refusal ?? '',
      first_seen: toInstant(message.firstSeen),
      end_first_seen: toInstant(message.endFirstSeen),
      version: message.version,
      ...originOf(record),
    },
  ];
});
