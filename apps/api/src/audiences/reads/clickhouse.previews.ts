import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { BoundQuery } from '@tributary/audiences';
import { createClickHouse, type ClickHouseClient } from '@tributary/clickhouse';
import { failed, ok, type Result } from '@tributary/kernel';
import { CONFIG, type CommonConfig } from '@tributary/service';
import type { ApiConfig } from '../../api.config.js';
import { isAway } from '../../clickhouse/clickhouse.reader.js';
import type { ApiFailure } from '../../http/api.errors.js';
import { currentWorkspace } from '../../workspaces/current-workspace.js';
import { SAMPLED } from './preview.dto.js';

const MIB = 1024 * 1024;
/** The engine ends a query at the bound; a connection waits a little longer. */
const GRACE_MS = 5_000;
const TOO_SLOW = new Set(['159', '160']);
const TOO_LARGE = '241';

/** The engine takes about 10 ms to analyse a kibibyte of a query, and does not look at the clock meanwhile. */
const MAX_QUERY_BYTES = 512 * 1024;
/** Parameters travel in the URL, of which ClickHouse takes a mebibyte. */
const MAX_PARAMETER_BYTES = 512 * 1024;

const TOO_LONG: ApiFailure = {
  code: 'preview_too_large',
  message: 'The definition has too many filters, or too long texts, for a preview: take some away.',
};

/** How many people a query names, and the first of them. */
export interface Counted {
  readonly size: number;
  readonly sample: readonly string[];
}

/** Counts the people that a query finds. Time and memory are bounded. */
@Injectable()
export class ClickHousePreviews implements OnApplicationShutdown {
  readonly #client: ClickHouseClient;

  constructor(@Inject(CONFIG) private readonly config: ApiConfig & CommonConfig) {
    this.#client = createClickHouse({
      url: config.CLICKHOUSE_URL,
      database: config.CLICKHOUSE_DATABASE,
      application: 'tributary-previews',
      requestTimeoutMs: config.API_PREVIEW_SECONDS * 1_000 + GRACE_MS,
    });
  }

  async count({ query, parameters }: BoundQuery): Promise<Result<Counted, ApiFailure>> {
    if (isTooLong(query, parameters)) return failed(TOO_LONG);
    const memory = this.config.API_PREVIEW_MEMORY_MB * MIB;
    try {
      const result = await this.#client.query({
        query: `SELECT toUInt64(count()) AS size, arraySort(groupArraySorted(${SAMPLED})(profile_id)) AS sample FROM (${query})`,
        query_params: { ...parameters, workspaceId: currentWorkspace() },
        format: 'JSONEachRow',
        clickhouse_settings: {
          cancel_http_readonly_queries_on_client_close: 1,
          max_query_size: String(2 * MAX_QUERY_BYTES),
          max_ast_elements: '1000000',
          max_expanded_ast_elements: '1000000',
          max_execution_time: this.config.API_PREVIEW_SECONDS,
          max_memory_usage: String(memory),
          // Beyond it groups go to disk, and the query goes on.
          max_bytes_before_external_group_by: String(Math.floor(memory / 2)),
        },
      });
      const [row] = await result.json<Counted>();
      return ok(row ?? { size: 0, sample: [] });
    } catch (error) {
      const failure = this.#failureOf(error);
      if (!failure) throw error;
      return failed(failure);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#client.close();
  }

  #failureOf(error: unknown): ApiFailure | undefined {
    const { API_PREVIEW_SECONDS: seconds, API_PREVIEW_MEMORY_MB: mebibytes } = this.config;
    const { code, message } = error as { readonly code?: string; readonly message?: string };
    if ((code !== undefined && TOO_SLOW.has(code)) || message === 'Timeout error.')
      return {
        code: 'preview_too_large',
        message: `The preview took longer than ${seconds} seconds: name the events that it counts, or set API_PREVIEW_SECONDS higher.`,
        details: { seconds, setting: 'API_PREVIEW_SECONDS' },
      };
    if (code === TOO_LARGE)
      return {
        code: 'preview_too_large',
        message: `The preview needs more than ${mebibytes} MiB of memory: name the events that it counts, or set API_PREVIEW_MEMORY_MB higher.`,
        details: { mebibytes, setting: 'API_PREVIEW_MEMORY_MB' },
      };
    if (isAway(error)) return { code: 'unavailable', message: 'ClickHouse cannot answer now; ask again.' };
    return undefined;
  }
}

function isTooLong(query: string, parameters: BoundQuery['parameters']): boolean {
  if (query.length > MAX_QUERY_BYTES) return true;
  return new URLSearchParams(parameters).toString().length > MAX_PARAMETER_BYTES;
}
