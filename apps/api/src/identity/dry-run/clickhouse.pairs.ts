import type { ClickHouseClient } from '@tributary/clickhouse';
import type { Identifier } from '@tributary/kernel';
import type { SeenPair } from './link-list.js';

/** An engine whose client is gone need not go on. */
const SETTINGS = { cancel_http_readonly_queries_on_client_close: 1 } as const;

const WHERE = "FROM identity_links AS l WHERE workspace_id = {workspaceId:String} AND kind = 'eligibility'";

/** By a hash of each: exact but for collisions, and small. */
const COUNT = `SELECT toUInt64(uniqExact(sipHash64(least(l.a, l.b), greatest(l.a, l.b)))) AS pairs ${WHERE}`;

/** Both ends published each link, repeatedly, and never with a later time than before: the smallest times are the latest. */
const PAIRS = `SELECT least(l.a, l.b) AS x, greatest(l.a, l.b) AS y,
  toUnixTimestamp64Milli(min(l.first_seen)) AS seen,
  toUnixTimestamp64Milli(ifNull(minOrNullIf(l.end_first_seen, l.a < l.b), min(l.first_seen))) AS x_seen,
  toUnixTimestamp64Milli(ifNull(minOrNullIf(l.end_first_seen, l.a > l.b), min(l.first_seen))) AS y_seen
${WHERE}
GROUP BY x, y`;

type Row = readonly [x: Identifier, y: Identifier, seen: number, xSeen: number, ySeen: number];

export async function countPairs(client: ClickHouseClient, workspaceId: string): Promise<number> {
  const result = await client.query({
    query: COUNT,
    query_params: { workspaceId },
    format: 'JSONEachRow',
    clickhouse_settings: SETTINGS,
  });
  const [row] = await result.json<{ readonly pairs: number }>();
  return row?.pairs ?? 0;
}

/** All pairs of identifiers that occurred together, in no order. */
export async function* readPairs(client: ClickHouseClient, workspaceId: string): AsyncGenerator<SeenPair> {
  const result = await client.query({
    query: PAIRS,
    query_params: { workspaceId },
    format: 'JSONCompactEachRow',
    clickhouse_settings: SETTINGS,
  });
  for await (const rows of result.stream<Row>()) {
    for (const row of rows) {
      const [a, b, firstSeen, aFirstSeen, bFirstSeen] = row.json();
      yield { a, b, firstSeen, aFirstSeen, bFirstSeen };
    }
  }
}
