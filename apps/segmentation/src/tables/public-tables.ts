import type { PublicTable } from '@tributary/clickhouse';

/** The tables of this service that people query; `docs/tables.md` is generated from them. */
export const PUBLIC_TABLES: readonly PublicTable[] = [
  {
    name: 'current_memberships',
    kind: 'view',
    holds: 'Who is in which audience now.',
    columns: {
      workspace_id: 'the workspace',
      audience_key: 'the audience',
      profile_id: 'the member',
      since: 'when it became one',
      identifiers: 'of the member, when it became one',
    },
  },
  {
    name: 'audience_changes',
    kind: 'view',
    holds: 'Every entry and exit, once.',
    columns: {
      workspace_id: 'the workspace',
      id: 'the change',
      audience_key: 'the audience',
      profile_id: 'who',
      change: 'entered or exited',
      at: 'when it became so; of one membership it never goes back',
      cause: 'event, time, merge, split, back-fill or definition',
      caused_by:
        'the messageId of the event, if one did it; of an event that was counted by its deduplicationId, that',
      moved_to: 'the profile into which this one was merged',
      identifiers: 'of the profile',
      epoch: 'of the owner of the partition that wrote it',
      kafka_partition: 'its place in audience.changes.v1',
      kafka_offset: 'its place in audience.changes.v1',
    },
  },
];
