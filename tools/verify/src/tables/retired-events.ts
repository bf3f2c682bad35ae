import type { ClickHouseClient } from '@clickhouse/client';
import type { EventMessage } from '@tributary/contracts';
import type { Place } from '../recompute/event-reader.js';
import { paged } from './rows.js';

interface Row {
  readonly workspace_id: string;
  readonly source_id: string;
  readonly type: EventMessage['type'];
  readonly message_id: string;
  readonly deduplication_id: string;
  readonly event: string;
  readonly name: string;
  readonly group_id: string;
  readonly properties: string;
  readonly traits: string;
  readonly context: string;
  readonly timestamp: string;
  readonly received_at: string;
  readonly sequence: number;
  readonly identifiers: string[];
  readonly kafka_offset: number;
}

const ROWS = `SELECT workspace_id, source_id, type, message_id, deduplication_id, event, name, group_id, properties, traits, context, timestamp,
    received_at, sequence, identifiers, kafka_offset
  FROM events_log FINAL
  WHERE kafka_partition = {partition:UInt16} AND kafka_offset < {start:UInt64} AND kafka_offset >= {from:UInt64}
  ORDER BY kafka_offset`;

/** Hands over the events of a partition that the log no longer has, from the table, which has them without duplicates. */
export async function takeRetiredEvents(
  clickhouse: ClickHouseClient,
  { partition, start }: { readonly partition: number; readonly start: number },
  take: (event: EventMessage, place: Place) => void,
): Promise<void> {
  const rows = paged<Row>(clickhouse, ROWS, (last) => ({
    partition,
    start,
    from: (last?.kafka_offset ?? -1) + 1,
  }));
  for await (const row of rows) take(toEvent(row), { partition, offset: row.kafka_offset });
}

function toEvent(row: Row): EventMessage {
  return {
    workspaceId: row.workspace_id,
    sourceId: row.source_id,
    type: row.type,
    messageId: row.message_id,
    ...(row.deduplication_id === row.message_id ? {} : { deduplicationId: row.deduplication_id }),
    ...(row.event === '' ? {} : { event: row.event }),
    ...(row.name === '' ? {} : { name: row.name }),
    ...(row.group_id === '' ? {} : { groupId: row.group_id }),
    properties: JSON.parse(row.properties) as Record<string, unknown>,
    traits: JSON.parse(row.traits) as Record<string, unknown>,
    context: JSON.parse(row.context) as Record<string, unknown>,
    timestamp: row.timestamp,
    receivedAt: row.received_at,
    sequence: row.sequence,
    identifiers: row.identifiers,
  };
}
