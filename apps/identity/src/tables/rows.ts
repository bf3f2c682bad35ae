import { originOf, rowsOf, type RowMapping } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
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
 * What identifiers decided on their links makes rows: what a link is follows from what both its ends say. Records that bring
 * some have a header, so that the others need not be read.
 */
export const toLinkRows: RowMapping = (record) =>
  record.headers.kind !== undefined && record.headers.said === undefined ? ok([]) : readLinkRows(record);

const readLinkRows = rowsOf(TOPICS.links, (message, record) => {
  if (!('messages' in message)) return [];
  const { workspaceId, said = [] } = message;
  const origin = originOf(record);
  return said.flatMap(({ end, endFirstSeen, version, links }) => {
    const end_first_seen = toInstant(endFirstSeen);
    return links.map(([other, firstSeen, refusal]) => ({
      ...{ workspace_id: workspaceId, kind: 'eligibility', a: end, b: other },
      ...{ eligible: refusal === undefined, refusal: refusal ?? '' },
      ...{ first_seen: toInstant(firstSeen), end_first_seen, version },
      ...origin,
    }));
  });
});
