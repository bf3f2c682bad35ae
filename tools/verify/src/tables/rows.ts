import type { ClickHouseClient } from '@clickhouse/client';

const PAGE = 50_000;

/** The rows of a short answer. */
export async function select<T>(
  clickhouse: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown>,
): Promise<readonly T[]> {
  const answer = await clickhouse.query({ query, query_params, format: 'JSONEachRow' });
  return answer.json<T>();
}

/**
 * The rows of a long one, a page in memory at a time. The query is to be ordered by what `after` makes parameters of,
 * and to begin behind them; the limit is added here.
 */
export async function* paged<T>(
  clickhouse: ClickHouseClient,
  query: string,
  after: (last: T | undefined) => Record<string, unknown>,
): AsyncIterable<T> {
  let last: T | undefined;
  for (;;) {
    const rows = await select<T>(clickhouse, `${query} LIMIT ${PAGE}`, after(last));
    yield* rows;
    last = rows.at(-1);
    if (rows.length < PAGE) return;
  }
}
