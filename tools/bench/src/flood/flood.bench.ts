import { caughtUp, type Call } from '@tributary/harness';
import { setTimeout as pause } from 'node:timers/promises';
import { measuresOf, type Bench, type BenchContext, type Measure, type Outcome } from '../bench.js';
import { monotonicMs } from '../load/clock.js';
import { runRound } from '../platform/round.js';
import { samplesOf } from '../platform/service-metrics.js';
import { startTestBed, type TestBed } from '../platform/test-bed.js';
import { show } from '../report.js';
import { percentile } from '../statistics.js';

const RATE = 300;
const SECONDS = 60;
const RUNS = 1;
const FLOOD_RATE = 500;
const BATCH = 20;
const TRAITS_A_CALL = 100;
const VIEWS_A_VISIT = 7;

interface Flood {
  readonly name: string;
  /** Absent: there is none. */
  readonly call?: (n: number) => Call;
}

const ALONE: Flood = { name: 'nothing else' };

/** What one customer may do to all others, and, to compare it with, as many events of people who do nothing odd. */
const FLOODS: readonly Flood[] = [
  {
    name: 'as many ordinary visits',
    call: (n) => ({ type: 'page', name: 'Home', anonymousId: `ordinary-${Math.floor(n / VIEWS_A_VISIT)}` }),
  },
  {
    name: 'one person with ever new traits',
    call: (n) => ({ type: 'identify', userId: 'flood-traits', traits: newTraits(n) }),
  },
  {
    name: 'one guest on ever new devices',
    call: (n) => ({ type: 'track', event: 'Opened', userId: 'guest-of-all', anonymousId: `device-${n}` }),
  },
  {
    name: 'one person who never rests',
    call: (n) => ({
      type: 'track',
      event: 'Order Completed',
      userId: 'busy',
      properties: { total: 100 + (n % 7) },
    }),
  },
];

const TITLES = {
  p50: ['accepted to change of others, p50', 'ms'],
  p99: ['accepted to change of others, p99', 'ms'],
  flooded: ['events of the flood', 'events'],
  drained: ['behind it, until all is folded', 's'],
} as const;
type Figures = Readonly<Record<keyof typeof TITLES, number>>;

const METRICS = [
  ['profile-builder', 'tributary_profile_builder_truncated_total'],
  ['identity', 'tributary_identity_links_refused_total'],
] as const;

export const flood: Bench = {
  about:
    'Visitors at a fixed rate, alone and beside a flood of another kind each time: from accepted to the change of others, ' +
    'and whether any process began anew. Traits come a hundred new ones a call.',
  run: benchFlood,
};

async function benchFlood(context: BenchContext): Promise<Outcome> {
  const { bounds, say } = context;
  const bed = await startTestBed(context);
  await runRound(bed, { name: 'warm-up', events: RATE * 10, rate: RATE });
  const figures = new Map<string, Figures[]>();
  const seconds = bounds.seconds ?? SECONDS;
  for (let run = 1; run <= (bounds.runs ?? RUNS); run += 1) {
    for (const { name, call } of [ALONE, ...FLOODS]) {
      const one = await beside(bed, { name: `${run}-${name.replaceAll(' ', '-')}`, call, seconds });
      say(`run ${run}: ${name}: p50 ${show(one.p50)} ms, p99 ${show(one.p99)} ms`);
      figures.set(name, [...(figures.get(name) ?? []), one]);
    }
  }
  return {
    facts: { rate: RATE, floodRate: FLOOD_RATE, seconds },
    measures: [
      ...[...figures].flatMap(([variant, runs]) => measuresOf(TITLES, runs, variant)),
      ...(await counted(bed)),
    ],
  };
}

async function counted(bed: TestBed): Promise<readonly Measure[]> {
  const measures: Measure[] = [];
  for (const [service, what] of METRICS) {
    for (const [variant, count] of await samplesOf(bed, service, what))
      measures.push({ what, variant, unit: 'times', runs: [count] });
  }
  return measures;
}

async function beside(
  bed: TestBed,
  { name, call, seconds }: { readonly name: string; readonly call: Flood['call']; readonly seconds: number },
): Promise<Figures> {
  const over = new AbortController();
  const round = runRound(bed, { name, events: RATE * seconds, rate: RATE }).finally(() => {
    over.abort();
  });
  const flooding = call === undefined ? Promise.resolve(0) : send(bed, call, over.signal);
  const [{ latenciesMs }, flooded] = await Promise.all([round, flooding]);
  const endedAt = monotonicMs();
  await caughtUp(bed.platform);
  await bed.platform.assertAllRun();
  return {
    p50: percentile(latenciesMs, 0.5),
    p99: percentile(latenciesMs, 0.99),
    flooded,
    drained: (monotonicMs() - endedAt) / 1_000,
  };
}

/** Sends at the flood's rate until it is over; answers with how many events that were. */
async function send(bed: TestBed, call: NonNullable<Flood['call']>, over: AbortSignal): Promise<number> {
  const startedAt = monotonicMs();
  let sent = 0;
  while (!over.aborted) {
    await bed.platform.client.send(...Array.from({ length: BATCH }, (_, i) => call(sent + i)));
    sent += BATCH;
    const early = startedAt + (sent * 1_000) / FLOOD_RATE - monotonicMs();
    if (early > 1) await pause(early);
  }
  return sent;
}

function newTraits(n: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: TRAITS_A_CALL }, (_, i) => [`trait-${n * TRAITS_A_CALL + i}`, `value ${n}`]),
  );
}
