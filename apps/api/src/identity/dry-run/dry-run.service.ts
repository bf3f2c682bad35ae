import { Inject, Injectable } from '@nestjs/common';
import type { Pair, RulesDefinition } from '@tributary/identity';
import { failed, ok, type Result } from '@tributary/kernel';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import type { ApiConfig } from '../../api.config.js';
import type { ApiFailure } from '../../http/api.errors.js';
import { currentWorkspace } from '../../workspaces/current-workspace.js';
import type { DryRunReport } from './dry-run.dto.js';
import { ThreadDryRuns, type DryRunFailure } from './thread.dry-runs.js';

const RUNNING: ApiFailure = {
  code: 'dry_run_running',
  message: 'Another dry run is under way: one at a time. Send this again when that one has been answered.',
};

/** Dry runs, one at a time and within bounds. */
@Injectable()
export class DryRunService {
  #running = false;

  constructor(
    private readonly runs: ThreadDryRuns,
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** `left` aborts when nobody waits for the answer any more. */
  async run(
    before: RulesDefinition,
    after: RulesDefinition,
    apart: readonly Pair[],
    left: AbortSignal,
  ): Promise<Result<DryRunReport, ApiFailure>> {
    if (this.#running) return failed(RUNNING);
    this.#running = true;
    const { API_DRY_RUN_LINKS: mostLinks } = this.config;
    const workspaceId = currentWorkspace();
    const late = AbortSignal.timeout(this.config.API_DRY_RUN_SECONDS * 1_000);
    try {
      const order = { workspaceId, before, after, apart, mostLinks };
      const report = await this.runs.run(order, AbortSignal.any([left, late]));
      return report.ok ? ok(report.value) : failed(this.#failureOf(report.error, late.aborted));
    } finally {
      this.#running = false;
    }
  }

  #failureOf(failure: DryRunFailure, isLate: boolean): ApiFailure {
    const { API_DRY_RUN_LINKS: most, API_DRY_RUN_SECONDS: seconds } = this.config;
    switch (failure.why) {
      case 'too_many_links':
        return tooLarge(
          `There are ${failure.links} links, and a dry run looks at ${most} at most: set API_DRY_RUN_LINKS higher (about 300 bytes of memory each).`,
          { links: failure.links, most, setting: 'API_DRY_RUN_LINKS' },
        );
      case 'out_of_memory':
        return tooLarge(
          'The dry run needs more memory than the process has: raise its --max-old-space-size.',
        );
      case 'unavailable':
        this.logger.warn({ reason: failure.message }, 'clickhouse gave no links to a dry run');
        return { code: 'unavailable', message: 'ClickHouse cannot answer now; ask again.' };
      case 'aborted':
        return isLate
          ? tooLarge(`The dry run took longer than ${seconds} seconds: set API_DRY_RUN_SECONDS higher.`, {
              seconds,
              setting: 'API_DRY_RUN_SECONDS',
            })
          : { code: 'unavailable', message: 'The dry run was ended before its time.' };
    }
  }
}

function tooLarge(message: string, details?: object): ApiFailure {
  return { code: 'dry_run_too_large', message, ...(details ? { details } : {}) };
}
