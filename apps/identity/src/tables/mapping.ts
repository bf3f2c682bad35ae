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

/** The kinds of messages that make rows. */
const TOLD = new Set<LinkMessage['kind']>(['verdict', 'facts']);

/** Most messages make none: their kind is told in a header, so that they need not be read for it. */
export const toLinkRows: RowMapping = (record) => {
  const { kind } = record.headers;
  return kind === undefined || TOLD.has(kind as LinkMessage['kind']) ? readLinkRows(record) : ok([]);
};

/**
 * What is known of links: each end's verdict on it, and what the link's owner made of both. Their versions come from
 * different logs, so the two kinds are rows of their own.
 */
const readLinkRows = rowsOf(TOPICS.links, (message, record) => {
  if (message.kind === 'verdict')
    return [
      {
        workspace_id: message.workspaceId,
        kind: 'verdict',
        a: message.end,
        b: message.other,
        eligible: message.eligible,
        first_seen: toInstant(message.firstSeen),
        version: message.version,
        ...originOf(record),
      },
    ];
  if (message.kind !== 'facts') return [];
  return message.facts.map(({ pair: [a, b], eligible, firstSeen, version }) => ({
    workspace_id: message.workspaceId,
    kind: 'fact',
    a,
    b,
    eligible,
    first_seen: toInstant(firstSeen),
    version,
    ...originOf(record),
  }));
});
