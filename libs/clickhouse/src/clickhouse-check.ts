import type { ClickHouseClient } from '@clickhouse/client';

/**
 * A health check: whether ClickHouse answers a query of the user that the settings name. Rejects with what is in the
 * way, and never shows the password.
 */
export function clickHouseCheck(client: Pick<ClickHouseClient, 'ping'>): () => Promise<boolean> {
  return async () => {
    const answer = await client.ping({ select: true });
    if (answer.success) return true;
    throw new Error(
      `ClickHouse does not answer at CLICKHOUSE_URL: ${answer.error.message || answer.error.name}`,
    );
  };
}
