/**
 * Where accepted events differ from the tracking plan of their source, as the collector noted it in the context: one
 * row a place. Written by the same insert as the events; a context that has no such note costs a search of its text.
 */
export const PLAN_VIOLATIONS = `CREATE TABLE IF NOT EXISTS plan_violations (
  workspace_id LowCardinality(String),
  source_id LowCardinality(String),
  received_at DateTime64(3, 'UTC'),
  type LowCardinality(String),
  event LowCardinality(String),
  message_id String,
  code LowCardinality(String),
  field String,
  message String,
  dropped Bool,
  kafka_partition UInt16,
  kafka_offset UInt64
) ENGINE = ReplacingMergeTree
ORDER BY (workspace_id, source_id, received_at, kafka_partition, kafka_offset, field, message);

CREATE MATERIALIZED VIEW IF NOT EXISTS plan_violations_feed TO plan_violations AS
SELECT
  workspaceId AS workspace_id,
  sourceId AS source_id,
  receivedAt AS received_at,
  type,
  event,
  messageId AS message_id,
  JSONExtractString(violation, 'code') AS code,
  JSONExtractString(violation, 'field') AS field,
  JSONExtractString(violation, 'message') AS message,
  JSONExtractBool(violation, 'dropped') AS dropped,
  kafkaPartition AS kafka_partition,
  kafkaOffset AS kafka_offset
FROM events_intake
ARRAY JOIN JSONExtractArrayRaw(context, 'tributary', 'violations') AS violation
WHERE position(context, '"tributary"') > 0;`;
