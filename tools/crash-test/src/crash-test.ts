import { attempt, unasked } from './attempt.js';
import { BreakablePlatform } from './breakable-platform.js';
import type { BrokerCount } from './brokers.js';
import type { CrashReport } from './report.js';
import { Run, type RunOptions } from './run.js';

export interface CrashTestOptions extends RunOptions {
  readonly brokers: BrokerCount;
}

/**
 * Starts a platform of its own in a temporary folder, puts load on it, breaks it as the seed says, and checks what came
 * of it. Whatever goes wrong is in the report; the folder is removed unless something did.
 */
export async function crashTest(options: CrashTestOptions): Promise<CrashReport> {
  const { seed, minutes, brokers } = options;
  const endsUnasked: string[] = [];
  const say = unasked(endsUnasked, (line) => {
    options.say(`          ${line}`);
  });
  let run: Run | undefined;
  const ended = await attempt(
    async (dataDir, stack) => {
      run = new Run(await BreakablePlatform.start(stack, { dataDir, brokers, say }), options);
      await run.run(stack);
    },
    () => run?.wrong ?? [],
  );
  return {
    ...{ seed, minutes, brokers, endsUnasked, faults: run?.faults ?? [] },
    ...(run?.ledgerReport && { ledger: run.ledgerReport }),
    ...(run?.verified && { verify: run.verified }),
    ...ended,
  };
}
