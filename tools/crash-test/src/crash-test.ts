import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftOver } from './left-over.js';
import type { CrashReport } from './report.js';
import type { BrokerCount } from './brokers.js';
import { Harness } from './harness.js';
import { Run, type RunOptions } from './run.js';

export interface CrashTestOptions extends RunOptions {
  readonly brokers: BrokerCount;
}

/**
 * Starts a platform of its own in a temporary folder, puts load on it, breaks it as the seed says, and checks what came
 * of it. Whatever goes wrong is in the report; the folder is removed unless something did.
 */
export async function crashTest(options: CrashTestOptions): Promise<CrashReport> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-crash-'));
  const ends: string[] = [];
  const heard = (line: string) => {
    // By our own hand: whoever else kills a service does it with another signal.
    if (line.includes('ended by SIGKILL')) return;
    ends.push(line);
    options.say(`          ${line}`);
  };
  const wrong: string[] = [];
  const harness = await Harness.start({ dataDir, brokers: options.brokers, say: heard });
  const run = new Run(harness, options);
  try {
    await run.run();
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  await harness.stop();
  const left = await leftOver(dataDir);
  wrong.unshift(...run.wrong);
  wrong.push(...left.map((process) => `left over: process ${process}`));
  if (wrong.length === 0) await rm(dataDir, { recursive: true, force: true });
  return {
    seed: options.seed,
    minutes: options.minutes,
    brokers: options.brokers,
    faults: run.faults,
    endsUnasked: ends,
    ...(run.ledgerReport && { ledger: run.ledgerReport }),
    ...(run.verified && { verify: run.verified }),
    wrong,
    ...(wrong.length > 0 && { keptIn: dataDir }),
  };
}
