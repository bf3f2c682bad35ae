import type { RejectionReason, ReplayAnswer, ReplayOutcome } from '@tributary/contracts';
import type { Page } from '../http/page.js';
import { idOf } from './rejected-events.js';

const FAILURES_TOLD = 100;

/** What became of a page of records that were validated again. */
export interface ReplayReport {
  readonly dryRun: boolean;
  readonly records: number;
  /** Records of which calls passed. */
  readonly passed: number;
  /** Records of which nothing passed: they stay as they are. */
  readonly failed: number;
  readonly calls: { readonly accepted: number; readonly rejected: number };
  /** Why calls did not pass, and how many. */
  readonly reasons: readonly { readonly code: string; readonly field: string; readonly count: number }[];
  readonly failures: readonly { readonly id: string; readonly reasons: readonly RejectionReason[] }[];
  readonly samples: readonly { readonly id: string; readonly calls: NonNullable<ReplayOutcome['calls']> }[];
  /** Of the ids asked for: already replayed, or not there. */
  readonly skipped: readonly string[];
  readonly cursor: Page<never>['cursor'];
}

export function reportOf(
  dryRun: boolean,
  { outcomes }: ReplayAnswer,
): Omit<ReplayReport, 'skipped' | 'cursor'> {
  const failures = outcomes.filter(({ accepted }) => accepted === 0);
  return {
    dryRun,
    records: outcomes.length,
    passed: outcomes.length - failures.length,
    failed: failures.length,
    calls: {
      accepted: outcomes.reduce((sum, { accepted }) => sum + accepted, 0),
      rejected: outcomes.reduce((sum, { rejected }) => sum + rejected, 0),
    },
    reasons: countsOf(outcomes),
    failures: failures.slice(0, FAILURES_TOLD).map((one) => ({ id: idOf(one), reasons: one.reasons })),
    samples: outcomes.flatMap((one) => (one.calls ? [{ id: idOf(one), calls: one.calls }] : [])),
  };
}

function countsOf(outcomes: readonly ReplayOutcome[]): ReplayReport['reasons'] {
  const counts = new Map<string, { readonly code: string; readonly field: string; count: number }>();
  for (const { code, field } of outcomes.flatMap(({ reasons }) => reasons)) {
    const key = `${code} ${field}`;
    const counted = counts.get(key) ?? { code, field, count: 0 };
    counts.set(key, { ...counted, count: counted.count + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}
