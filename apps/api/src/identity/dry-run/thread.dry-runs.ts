import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Pair, RulesDefinition } from '@tributary/identity';
import { failed, ok, type Result } from '@tributary/kernel';
import { CONFIG } from '@tributary/service';
import { Worker } from 'node:worker_threads';
import type { ApiConfig } from '../../api.config.js';
import { isAway } from '../../clickhouse/clickhouse.reader.js';
import type { DryRunReport } from './dry-run.dto.js';

/** What is to be compared. It goes to another thread. */
export interface DryRunOrder {
  readonly workspaceId: string;
  readonly before: RulesDefinition;
  readonly after: RulesDefinition;
  /** Those that are kept apart, whatever the rules. */
  readonly apart: readonly Pair[];
  /** Links that may be looked at. */
  readonly mostLinks: number;
}

/** Why there is no report: more links than may be, too little memory, or the asker left. */
export type DryRunFailure =
  | { readonly why: 'too_many_links'; readonly links: number }
  | { readonly why: 'out_of_memory' }
  | { readonly why: 'unavailable'; readonly message: string }
  | { readonly why: 'aborted' };

/** What the thread is given. */
export interface ThreadOrder {
  readonly clickhouse: {
    readonly url: string;
    readonly database: string;
    readonly requestTimeoutMs: number;
  };
  readonly order: DryRunOrder;
}

/** What it says: once. */
export type Told =
  | { readonly report: DryRunReport }
  | { readonly tooMany: number }
  | { readonly error: string; readonly code?: string };

/** The same built file, whether this runs from src/ or dist/. */
const PROGRAM = new URL('../../../dist/identity/dry-run/dry-run.thread.js', import.meta.url);
/** A thread keeps little for long; left to itself it would let its garbage grow to several times that. */
const YOUNG_MIB = 32;

/**
 * Compares rules over the links that there are; nothing is written. Runs in a thread of its own, which reads the tables
 * itself: the API goes on answering.
 */
@Injectable()
export class ThreadDryRuns implements OnApplicationShutdown {
  readonly #stopping = new AbortController();

  constructor(@Inject(CONFIG) private readonly config: ApiConfig) {}

  onApplicationShutdown(): void {
    this.#stopping.abort();
  }

  /** Ends soon after the signal, and holds nothing then. */
  async run(order: DryRunOrder, signal: AbortSignal): Promise<Result<DryRunReport, DryRunFailure>> {
    const until = AbortSignal.any([signal, this.#stopping.signal]);
    if (until.aborted) return failed({ why: 'aborted' });
    const { CLICKHOUSE_URL: url, CLICKHOUSE_DATABASE: database, API_DRY_RUN_SECONDS: seconds } = this.config;
    const workerData: ThreadOrder = {
      clickhouse: { url, database, requestTimeoutMs: seconds * 1_000 },
      order,
    };
    const thread = new Worker(PROGRAM, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    try {
      return await answerOf(thread, until);
    } finally {
      await thread.terminate();
    }
  }
}

async function answerOf(thread: Worker, signal: AbortSignal): Promise<Result<DryRunReport, DryRunFailure>> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      resolve(failed({ why: 'aborted' }));
    });
    thread.once('message', (told: Told) => {
      const result = resultOf(told);
      if (result) resolve(result);
      else reject(new Error('error' in told ? told.error : 'the thread ended without a result'));
    });
    thread.once('error', (error: Error) => {
      if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
        resolve(failed({ why: 'out_of_memory' }));
      else reject(error);
    });
    thread.once('exit', (code) => {
      reject(new Error(`the thread of a dry run ended with ${code} and said nothing`));
    });
  });
}

/** Undefined where nobody expected it. */
function resultOf(told: Told): Result<DryRunReport, DryRunFailure> | undefined {
  if ('report' in told) return ok(told.report);
  if ('tooMany' in told) return failed({ why: 'too_many_links', links: told.tooMany });
  const error = Object.assign(new Error(told.error), told.code === undefined ? {} : { code: told.code });
  return isAway(error) ? failed({ why: 'unavailable', message: told.error }) : undefined;
}
