import type { Pair, RulesDefinition } from '@tributary/identity';
import type { Result } from '@tributary/kernel';
import type { DryRunReport } from './dry-run.dto.js';

export const DRY_RUNS = Symbol('DRY_RUNS');

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

/** Compares rules over the links that there are; nothing is written. */
export interface DryRuns {
  /** Ends soon after the signal, and holds nothing then. */
  run(order: DryRunOrder, signal: AbortSignal): Promise<Result<DryRunReport, DryRunFailure>>;
}
