import { AUDIENCE_QUERY } from '@tributary/harness/people';
import { measuring, type Bench, type BenchContext, type Measure, type Outcome } from '../bench.js';
import { growBy } from '../platform/growth.js';
import { cpuAnEvent, runRound, sustained, type Round, type RoundOptions } from '../platform/round.js';
import { startTestBed, type TestBed } from '../platform/test-bed.js';
import { usages } from '../processes.js';
import { show } from '../report.js';
import { percentile } from '../statistics.js';

const EVENTS = 60_000;
const RUNS = 2;
const PROFILES = [10_000];
const PACED_SHARE = 0.25;
const PACED_LOAD = 0.5;
/** Of people who return few enter the audience. */
const PACED_SHARE_RETURNING = 0.5;

// The last checkpoint is waited for: with fewer new profiles, that would be most of the time.
const WORTH_TELLING = 50_000;

/** A round as fast as it goes, and one at half of the rate that it sustained, for the latency. */
interface Run {
  readonly full: Round;
  readonly paced: Round;
}

/** Newcomers who may return. */
type Known = NonNullable<RoundOptions['known']>;

/** The runs of one size of the state. */
interface Size {
  readonly profiles: number;
  readonly loadedPerSecond: number | undefined;
  readonly runs: readonly Run[];
  readonly memory: readonly Measure[];
}

export const pipeline: Bench = {
  about:
    'The whole platform: events of about 850 bytes, in batches of 20, go in over HTTP; a round is over when each is in ' +
    'ClickHouse and each expected member has entered the audience, seen by a consumer of audience.changes.v1. The ' +
    'state grows between the sizes by new profiles with one event each. The events are of new visitors, or, with ' +
    '`--traffic returning`, nine of ten of those by whom the state grew.',
  run: benchPipeline,
};

async function benchPipeline(context: BenchContext): Promise<Outcome> {
  const { bounds, say } = context;
  const bed = await startTestBed(context);
  const events = bounds.events ?? EVENTS;
  const warmUp = await runRound(bed, { name: 'warm-up', events: Math.ceil(events * PACED_SHARE) });
  say(`warm-up: ${warmUp.sent.events} events`);
  let present = warmUp.sent.visitors;
  let known: Known | undefined;
  const isReturning = bounds.traffic === 'returning';
  const sizes: Size[] = [];
  for (const wanted of bounds.profiles ?? PROFILES) {
    const growth = { name: `grow-${wanted}`, events: wanted - present };
    const loadedPerSecond =
      growth.events > 0 ? await growBy(bed, growth.events, growth.name, say) : undefined;
    if (growth.events > 0 && isReturning) known = growth;
    present = Math.max(present, wanted);
    const runs = await runAll(bed, `p${wanted}`, { events, runs: bounds.runs ?? RUNS, known }, say);
    sizes.push({ profiles: present, loadedPerSecond, runs, memory: memoryOf(bed, nameOf(present)) });
    for (const { full, paced } of runs) present += full.sent.visitors + paced.sent.visitors;
  }
  return {
    facts: { traffic: bounds.traffic ?? 'visits', ...factsOf(events, sizes) },
    measures: sizes.flatMap(measuresOfSize),
  };
}

async function runAll(
  bed: TestBed,
  name: string,
  {
    events,
    known,
    ...bounds
  }: { readonly events: number; readonly runs: number; readonly known: Known | undefined },
  say: BenchContext['say'],
): Promise<readonly Run[]> {
  const of = known && { known };
  const pacedEvents = Math.ceil(events * (known ? PACED_SHARE_RETURNING : PACED_SHARE));
  const runs: Run[] = [];
  for (let run = 1; run <= bounds.runs; run += 1) {
    const full = await runRound(bed, { name: `${name}-full-${run}`, events, ...of });
    const rate = sustained(full) * PACED_LOAD;
    say(`run ${run}: ${show(sustained(full))} events/s; now ${pacedEvents} events at ${show(rate)}/s`);
    const paced = await runRound(bed, {
      ...{ name: `${name}-paced-${run}`, events: pacedEvents, rate },
      ...of,
    });
    runs.push({ full, paced });
  }
  return runs;
}

const nameOf = (profiles: number) => `${profiles.toLocaleString('en')} profiles`;

function factsOf(events: number, sizes: readonly Size[]): Outcome['facts'] {
  const rounds = sizes.flatMap(({ runs }) => runs);
  return {
    events,
    audience: AUDIENCE_QUERY,
    profiles: sizes.map(({ profiles }) => profiles),
    bytesPerEvent: rounds.map(({ full: { sent } }) => Math.round(sent.bytes / sent.events)),
    refusedRequests: rounds.map(({ full }) => full.sent.refused),
    entered: rounds.map(({ full, paced }) => [full.latenciesMs.length, paced.latenciesMs.length]),
    pacedRate: rounds.map(({ full }) => Math.round(sustained(full) * PACED_LOAD)),
  };
}

function measuresOfSize({ profiles, loadedPerSecond, runs, memory }: Size): readonly Measure[] {
  const variant = nameOf(profiles);
  const of = measuring(runs, variant);
  const names = [...(runs[0]?.full.cpuMicroseconds.keys() ?? [])];
  const loaded =
    loadedPerSecond === undefined || profiles < WORTH_TELLING
      ? []
      : [{ what: 'loading of new profiles', variant, unit: 'events/s', runs: [loadedPerSecond] }];
  return [
    ...loaded,
    of('accepted over HTTP', 'events/s', ({ full }) => full.sent.events / full.sent.seconds),
    of('sustained, to membership and ClickHouse', 'events/s', ({ full }) => sustained(full)),
    of('accepted to change at half load, p50', 'ms', ({ paced }) => percentile(paced.latenciesMs, 0.5)),
    of('accepted to change at half load, p99', 'ms', ({ paced }) => percentile(paced.latenciesMs, 0.99)),
    ...names.map((name) =>
      of(`CPU: ${name}`, 'µs/event', ({ full }) => (full.cpuMicroseconds.get(name) ?? 0) / full.sent.events),
    ),
    of('CPU at half load, all processes', 'µs/event', ({ paced }) => cpuAnEvent(paced)),
    ...memory,
  ];
}

/** As it is now, and the most since the start. */
function memoryOf(bed: TestBed, variant: string): readonly Measure[] {
  return [...usages(bed.processes())].flatMap(([name, { ownBytes, peakBytes }]) => [
    { what: `memory: ${name}`, variant, unit: 'MB', runs: [ownBytes / 1e6] },
    { what: `peak with mapped files: ${name}`, variant, unit: 'MB', runs: [peakBytes / 1e6] },
  ]);
}
