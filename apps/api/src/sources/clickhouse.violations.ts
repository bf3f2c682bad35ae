import { Injectable } from '@nestjs/common';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import type { ViolationGroup } from './source.dto.js';

/**
 * Of calls that passed, `plan_violations` has what was said of each; of those that were rejected, `rejected_events` has
 * the reasons and the bytes: a call, or a request of one call.
 */
const QUERY = `
SELECT type, event, field, code, outcome,
  argMax(message, received_at) AS message,
  toUInt64(count()) AS count,
  min(received_at) AS firstSeenAt,
  max(received_at) AS lastSeenAt
FROM (
  SELECT type, event, replaceRegexpAll(field, '\\\\[\\\\d+\\\\]', '[]') AS field, code,
    if(dropped, 'dropped', 'allowed') AS outcome, message, received_at
  FROM plan_violations FINAL
  WHERE workspace_id = {workspaceId:String} AND source_id = {sourceId:String}
    AND received_at >= fromUnixTimestamp64Milli({since:Int64})
  UNION ALL
  SELECT
    if(JSONHas(call, 'batch'), JSONExtractString(call, 'batch', 1, 'type'),
      if(JSONHas(call, 'type'), JSONExtractString(call, 'type'), splitByChar('/', route)[-1])) AS type,
    if(JSONHas(call, 'batch'), JSONExtractString(call, 'batch', 1, 'event'), JSONExtractString(call, 'event')) AS event,
    replaceRegexpAll(reason.field, '\\\\[\\\\d+\\\\]', '[]') AS field, reason.code AS code,
    'rejected' AS outcome, reason.message AS message, received_at
  FROM (
    SELECT tryBase64Decode(raw) AS call, route, received_at, arrayJoin(reasons) AS reason
    FROM rejected_events FINAL
    WHERE workspace_id = {workspaceId:String} AND source_id = {sourceId:String}
      AND received_at >= fromUnixTimestamp64Milli({since:Int64})
  )
  WHERE reason.code IN ('plan_violation', 'unplanned_event')
)
GROUP BY type, event, field, code, outcome
ORDER BY count DESC, type, event, field, code, outcome
LIMIT {limit:UInt32}`;

/** How the calls of a source differed from its plan, as the tables have it. */
@Injectable()
export class ClickHouseViolations {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  /** Of calls received since then, in milliseconds since 1970; the most frequent first, at most `limit`. */
  async of(sourceId: string, since: number, limit: number): Promise<readonly ViolationGroup[]> {
    return this.clickhouse.rows<ViolationGroup>(QUERY, { sourceId, since, limit });
  }
}
