import type { Ended } from '../attempt.js';
import type { VerifyReport } from '@tributary/verify';
import type { Done } from './disturbances.js';
import type { Told } from './assignments.js';
import type { Written } from './writer.js';

/** A scenario of identity, from its seed to what was wrong at the end; what was not reached is absent. */
export interface IdentityScenarioReport extends Ended {
  readonly seed: number;
  readonly written?: Readonly<Omit<Written, 'identifiers'>> & { readonly identifiers: number };
  readonly done?: Done;
  /** How often the resolver's partitions were shared out anew, as it was seen. */
  readonly rebalances: number;
  /** Ends of processes that nobody asked for, a line each. */
  readonly endsUnasked: readonly string[];
  readonly told?: Told;
  readonly verify?: VerifyReport;
}

const SHOWN = 20;

/** What was done and what came of it, for people. */
export function identitySummary(report: IdentityScenarioReport): string {
  const { written, done, told, verify, rebalances, endsUnasked, wrong, seed, keptIn } = report;
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ');
  return [
    '',
    ...(written
      ? [
          `written: ${written.events} events of ${written.identifiers} identifiers, ${written.duplicates} of them twice; ` +
            `${written.rulesChanges} changes of rules, ${written.splitsPut} splits, ${written.splitsRemoved} of them removed`,
        ]
      : ['nothing was written']),
    ...(done ? [`done: ${counts(done)}; ${rebalances} rebalances of the resolver seen`] : []),
    `ends that no fault asked for: ${endsUnasked.length}`,
    ...(told
      ? [
          `published: ${told.profiles} profiles, ${told.retired} merged away; assignments: ${counts(told.reasons)}`,
        ]
      : []),
    ...(verify
      ? [`verify: compared ${counts(verify.compared)}; ${verify.differenceCount} differences`]
      : ['verify: not reached']),
    ...(wrong.length === 0 ? ['passed'] : [`FAILED with seed ${seed}`]),
    ...wrong.slice(0, SHOWN).map((line) => `  ${line}`),
    ...(wrong.length > SHOWN ? [`  and ${wrong.length - SHOWN} more`] : []),
    ...(keptIn === undefined ? [] : [`data and logs are kept in ${keptIn}`]),
  ].join('\n');
}
