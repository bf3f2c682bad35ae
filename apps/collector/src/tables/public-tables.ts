import type { PublicTable } from '@tributary/clickhouse';

/** The tables of this service that people query; `docs/tables.md` is generated from them. */
export const PUBLIC_TABLES: readonly PublicTable[] = [
  {
    name: 'rejected_events',
    kind: 'table',
    holds: 'Calls that were not accepted, with the bytes that came.',
    key: ['workspace_id', 'source_id', 'received_at', 'kafka_partition', 'kafka_offset'],
    columns: {
      workspace_id: 'the workspace',
      source_id: 'the source',
      received_at: 'when',
      route: 'the route of the collector',
      reasons: 'code, field and message of each',
      raw: 'the bytes in base64',
      parsed: 'the call as JSON text, if it is one',
      kafka_partition: 'its place in events.rejected.v1',
      kafka_offset: 'its place in events.rejected.v1',
      raw_is: 'what raw is: the call, or the whole request',
      call_index: 'the place in the batch; -1 if there is none',
      request: 'the request',
    },
  },
];
