import type { ClickHouseClient } from '@clickhouse/client';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { ApiError } from '../http/api.errors.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';

const MAX_QUERY_BYTES = String(16 * 1024 * 1024);

/**
 * Asks ClickHouse; each query has the parameter `workspaceId`, the workspace that the request is about. When it does not answer, or its tables are not made yet,
 * the request is answered 503.
 */
export class ClickHouseReader implements OnApplicationShutdown {
  constructor(
    private readonly client: ClickHouseClient,
    private readonly workspaceOf: () => string = currentWorkspace,
  ) {}

  async rows<T>(query: string, parameters: object = {}): Promise<readonly T[]> {
    try {
      const result = await this.client.query({
        query,
        query_params: { ...parameters, workspaceId: this.workspaceOf() },
        format: 'JSONEachRow',
        // Lists too long for a URL stand in the text of a query.
        clickhouse_settings: { max_query_size: MAX_QUERY_BYTES },
      });
      return await result.json<T>();
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  /** What a query with a FORMAT of its own answers, as it comes. */
  async bytes(query: string, parameters: object = {}): Promise<Readable> {
    try {
      const query_params = { ...parameters, workspaceId: this.workspaceOf() };
      const { stream } = await this.client.exec({ query, query_params });
      return stream;
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  /** The rows as their JSON, some at a time, as they come. */
  async *texts(query: string, parameters: object, workspaceId: string): AsyncGenerator<readonly string[]> {
    const result = await this.client.query({
      query,
      query_params: { ...parameters, workspaceId },
      format: 'JSONEachRow',
      clickhouse_settings: { max_query_size: MAX_QUERY_BYTES },
    });
    for await (const rows of result.stream()) yield rows.map(({ text }) => text);
  }

  /** Changes rows; a list too long for a URL stands in the text. */
  async command(query: string, parameters: object = {}): Promise<void> {
    await this.client.command({
      query,
      query_params: { ...parameters, workspaceId: this.workspaceOf() },
      clickhouse_settings: { max_query_size: MAX_QUERY_BYTES },
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}

function unavailable(cause: unknown): unknown {
  if (!isAway(cause)) return cause;
  const failure = { code: 'unavailable', message: 'ClickHouse cannot answer now; ask again.' } as const;
  return new ApiError(failure, { cause });
}

/** ClickHouse's complaints carry a number; UNKNOWN_TABLE and UNKNOWN_DATABASE say that no service made them yet. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return !/^\d+$/.test(code) || code === '60' || code === '81';
}
