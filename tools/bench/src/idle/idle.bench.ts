import { setTimeout as pause } from 'node:timers/promises';
import { caughtUp } from '@tributary/harness';
import { measuring, type Bench, type BenchContext, type Outcome } from '../bench.js';
import { runRound } from '../platform/round.js';
import { startTestBed, type TestBed } from '../platform/test-bed.js';
import { cpuBetween, usages } from '../processes.js';

const SECONDS = 30;
const RUNS = 2;
const EVENTS = 2_000;
/** Behind the last of what waits for its turn, and the changelogs. */
const SETTLED_MS = 65_000;

export const idle: Bench = {
  about:
    'What a platform takes that nobody uses: CPU of each process over half a minute, one audience being defined and some ' +
    'events being long through.',
  run: benchIdle,
};

async function benchIdle(context: BenchContext): Promise<Outcome> {
  const { bounds, say } = context;
  const bed = await startTestBed(context);
  const seconds = bounds.seconds ?? SECONDS;
  await runRound(bed, { name: 'some', events: bounds.events ?? EVENTS });
  await caughtUp(bed.platform);
  say(`waiting for ${SETTLED_MS / 1_000} s, until all is told`);
  await pause(SETTLED_MS);
  const runs: ReadonlyMap<string, number>[] = [];
  for (let run = 1; run <= (bounds.runs ?? RUNS); run += 1) runs.push(await cpuOver(bed, seconds));
  const of = measuring(runs, 'idle');
  const names = [...(runs[0]?.keys() ?? [])].filter((name) => name !== 'load generator');
  return {
    facts: { seconds },
    measures: [
      of('CPU: all', 'ms/s', (run) => names.reduce((sum, name) => sum + (run.get(name) ?? 0), 0)),
      ...names.map((name) => of(`CPU: ${name}`, 'ms/s', (run) => run.get(name) ?? 0)),
    ],
  };
}

/** Of each process, milliseconds in a second. */
async function cpuOver(bed: TestBed, seconds: number): Promise<ReadonlyMap<string, number>> {
  const before = usages(bed.processes());
  await pause(seconds * 1_000);
  const used = cpuBetween(before, usages(bed.processes()));
  return new Map([...used].map(([name, microseconds]) => [name, microseconds / 1_000 / seconds]));
}
