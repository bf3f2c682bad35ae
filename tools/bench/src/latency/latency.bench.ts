import { eventually } from '@tributary/testing';
import { measuresOf, type Bench, type BenchContext, type Outcome } from '../bench.js';
import { BenchError } from '../bench.errors.js';
import { runRound, sustained } from '../platform/round.js';
import { AUDIENCE, startTestBed, type TestBed } from '../platform/test-bed.js';
import { show } from '../report.js';
import { percentile } from '../statistics.js';
import { timeProfileReads } from './profile-reads.js';

const RATES = [200, 500];
const SECONDS = 20;
const RUNS = 2;
const BURST_EVENTS = 20_000;

/** Anybody who orders is a member for some seconds, so that exits come with the load and soon after it. */
const BUYERS = 'bench-buyers';
const BUYERS_WINDOW_SECONDS = 10;
const BUYERS_QUERY = `event('Order Completed').within(${BUYERS_WINDOW_SECONDS} seconds).count() >= 1`;

const TITLES = {
  enteredP50: ['accepted to change, p50', 'ms'],
  enteredP99: ['accepted to change, p99', 'ms'],
  entered: ['members entered', 'users'],
  exitP50: ['exit late, p50', 'ms'],
  exitP99: ['exit late, p99', 'ms'],
  exited: ['exits as windows passed', 'exits'],
} as const;
type Figures = Readonly<Record<keyof typeof TITLES, number>>;

export const latency: Bench = {
  about:
    'End to end at fixed rates: from the answer that accepted the deciding event to the arrival of the change at a ' +
    "consumer of audience.changes.v1; and how late an exit is published when a window passes, the time of the change's " +
    'record minus its `at`. The last rate is half of what a burst sustained just before. In the end ' +
    'profiles are read through the api, one after another, with nothing else under way.',
  run: benchLatency,
};

async function benchLatency(context: BenchContext): Promise<Outcome> {
  const { bounds, say } = context;
  const bed = await startTestBed(context);
  await bed.platform.client.putAudience(BUYERS, BUYERS_QUERY);
  const half = await halfOfSustained(bed);
  const rates = [
    ...(bounds.rates ?? RATES).map((rate) => ({ variant: `${rate}/s`, rate })),
    { variant: 'half of sustained', rate: half },
  ];
  const seconds = bounds.seconds ?? SECONDS;
  const figures = new Map(rates.map(({ variant }) => [variant, [] as Figures[]]));
  for (let run = 1; run <= (bounds.runs ?? RUNS); run += 1) {
    for (const { variant, rate } of rates) {
      const name = `r${run}-${variant.replaceAll(/\W/g, '')}`;
      const one = await measureAt(bed, name, rate, seconds);
      figures.get(variant)?.push(one);
      say(`run ${run}, ${variant}: p50 ${show(one.enteredP50)} ms, p99 ${show(one.enteredP99)} ms`);
    }
  }
  const { profileIds } = bed.watch.of(AUDIENCE);
  const reads = await timeProfileReads(bed.platform.client, [...profileIds]);
  return {
    facts: { rates: rates.map(({ rate }) => Math.round(rate)), seconds, exits: BUYERS_QUERY },
    measures: [
      ...[...figures].flatMap(([variant, runs]) => measuresOf(TITLES, runs, variant)),
      ...[0.5, 0.99].map((share) => ({
        what: `profile read by id, p${share * 100}`,
        variant: 'nothing else',
        unit: 'ms',
        runs: [percentile(reads, share)],
      })),
    ],
  };
}

/** The second of two bursts: the first warms up. */
async function halfOfSustained(bed: TestBed): Promise<number> {
  await runRound(bed, { name: 'warm-up', events: BURST_EVENTS / 2 });
  const burst = await runRound(bed, { name: 'burst', events: BURST_EVENTS });
  await exitsOf(bed);
  return sustained(burst) / 2;
}

async function measureAt(bed: TestBed, name: string, rate: number, seconds: number): Promise<Figures> {
  const { exitsLateMs } = bed.watch.of(BUYERS);
  const before = exitsLateMs.length;
  const { latenciesMs } = await runRound(bed, { name, events: rate * seconds, rate });
  await exitsOf(bed);
  const exits = exitsLateMs.slice(before);
  if (latenciesMs.length === 0 || exits.length === 0)
    throw new BenchError(`at ${show(rate)}/s nobody entered within ${seconds} s: give it more --seconds`);
  return {
    enteredP50: percentile(latenciesMs, 0.5),
    enteredP99: percentile(latenciesMs, 0.99),
    entered: latenciesMs.length,
    exitP50: percentile(exits, 0.5),
    exitP99: percentile(exits, 0.99),
    exited: exits.length,
  };
}

/** Waits until every buyer has left again. */
async function exitsOf({ watch }: TestBed): Promise<void> {
  const { members } = watch.of(BUYERS);
  await eventually(() => members.size, {
    until: (size) => size === 0,
    withinMs: (BUYERS_WINDOW_SECONDS + 60) * 1_000,
    what: 'the exit of every buyer',
  });
}
