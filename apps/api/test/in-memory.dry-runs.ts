import { failed, ok, type Result } from '@tributary/kernel';
import type { DryRunReport } from '../src/identity/dry-run/dry-run.dto.js';
import type { DryRunFailure, DryRunOrder, ThreadDryRuns } from '../src/identity/dry-run/thread.dry-runs.js';
import { LinkList, type SeenPair } from '../src/identity/dry-run/link-list.js';
import { reportOf } from '../src/identity/dry-run/dry-run-report.js';

/** For tests of what is above the tables. */
export class InMemoryDryRuns implements Pick<ThreadDryRuns, 'run'> {
  pairs: readonly SeenPair[] = [];
  /** Where set, a run takes until the promise resolves, or its asker leaves. */
  until: Promise<void> = Promise.resolve();
  running = 0;

  async run(order: DryRunOrder, signal: AbortSignal): Promise<Result<DryRunReport, DryRunFailure>> {
    const left = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    this.running += 1;
    await Promise.race([this.until, left]);
    this.running -= 1;
    if (signal.aborted) return failed({ why: 'aborted' });
    if (this.pairs.length > order.mostLinks)
      return failed({ why: 'too_many_links', links: this.pairs.length });
    const links = new LinkList();
    for (const pair of this.pairs) links.add(pair);
    return ok(reportOf(links, order));
  }
}
