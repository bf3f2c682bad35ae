import { startPlatform, type Platform } from '@tributary/supervisor';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchArguments } from '../arguments.js';
import type { Measure } from '../report.js';
import { percentile } from '../statistics.js';
import { processesOf, usageOf } from './processes.js';
import { runRound, type Round } from './round.js';
import { AUDIENCE_QUERY } from './traffic.js';
import { Watch } from './watch.js';

const ANY_PORT = {
  collector: 0,
  api: 0,
  identity: 0,
  'profile-builder': 0,
  segmentation: 0,
  kafka: 0,
  clickhouse: 0,
};
const PACED_SHARE = 0.25;
const PACED_LOAD = 0.5;

/** A round as fast as it goes, and one at half of the rate that it sustained, for the latency. */
interface Run {
  readonly full: Round;
  readonly paced: Round;
}

/** The whole platform, of its own: events go in over HTTP, an audience's changes come out of Kafka. */
export async function benchPipeline(
  { events, runs: count }: Pick<BenchArguments, 'events' | 'runs'>,
  say: (line: string) => void,
): Promise<{ readonly facts: object; readonly measures: readonly Measure[] }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  try {
    const platform = await startOwn(dataDir);
    try {
      const watch = await Watch.start(platform);
      const runs = await runAll(platform, watch, { events, runs: count }, say);
      await watch.stop();
      return { facts: factsOf(events, runs), measures: [...measuresOf(runs), ...peaks(platform)] };
    } finally {
      await platform.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function startOwn(dataDir: string): Promise<Platform> {
  const { KAFKA_BROKERS: _brokers, CLICKHOUSE_URL: _clickhouse, ...env } = process.env;
  const platform = await startPlatform({ dataDir, ports: ANY_PORT, env, restart: false });
  const response = await fetch(`${platform.services.api.url}/v1/audiences/bench`, {
    method: 'PUT',
    headers: { Authorization: 'Bearer dev-api-token', 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Bench', query: AUDIENCE_QUERY }),
  });
  if (response.ok) return platform;
  await platform.stop();
  throw new Error(`the audience was refused with ${response.status}: ${await response.text()}`);
}

async function runAll(
  platform: Platform,
  watch: Watch,
  bounds: Pick<BenchArguments, 'events' | 'runs'>,
  say: (line: string) => void,
): Promise<readonly Run[]> {
  const { url } = platform.services.collector;
  const processes = processesOf(platform);
  const pacedEvents = Math.ceil(bounds.events * PACED_SHARE);
  await runRound({ url, name: 'warm-up', events: pacedEvents }, watch, processes);
  say(`warm-up: ${pacedEvents} events`);
  const runs: Run[] = [];
  for (let run = 1; run <= bounds.runs; run += 1) {
    const full = await runRound({ url, name: `full-${run}`, events: bounds.events }, watch, processes);
    const rate = sustained(full) * PACED_LOAD;
    say(
      `run ${run}: ${bounds.events} events as fast as it goes, then ${pacedEvents} at ${Math.round(rate)}/s`,
    );
    const paced = await runRound({ url, name: `paced-${run}`, events: pacedEvents, rate }, watch, processes);
    runs.push({ full, paced });
  }
  return runs;
}

const sustained = ({ sent, completeSeconds }: Round) => sent.events / completeSeconds;

function factsOf(events: number, runs: readonly Run[]): object {
  const sent = runs.map(({ full }) => full.sent);
  return {
    events,
    audience: AUDIENCE_QUERY,
    bytesPerEvent: sent.map(({ bytes, events: count }) => Math.round(bytes / count)),
    refusedRequests: sent.map(({ refused }) => refused),
    entered: runs.map(({ full, paced }) => [full.latenciesMs.length, paced.latenciesMs.length]),
    pacedRate: runs.map(({ full }) => Math.round(sustained(full) * PACED_LOAD)),
  };
}

function measuresOf(runs: readonly Run[]): readonly Measure[] {
  const of = (what: string, unit: string, figure: (run: Run) => number): Measure => ({
    what,
    unit,
    runs: runs.map(figure),
  });
  const names = [...(runs[0]?.full.cpuMicroseconds.keys() ?? [])];
  return [
    of('accepted over HTTP', 'events/s', ({ full }) => full.sent.events / full.sent.seconds),
    of('until memberships are complete', 'events/s', ({ full }) => sustained(full)),
    of('size of an event', 'bytes', ({ full }) => full.sent.bytes / full.sent.events),
    of('members entered, full speed', 'users', ({ full }) => full.latenciesMs.length),
    of('latency p50 at half speed', 'ms', ({ paced }) => percentile(paced.latenciesMs, 0.5)),
    of('latency p99 at half speed', 'ms', ({ paced }) => percentile(paced.latenciesMs, 0.99)),
    of('members entered, half speed', 'users', ({ paced }) => paced.latenciesMs.length),
    ...names.map((name) =>
      of(`CPU: ${name}`, 'µs/event', ({ full }) => (full.cpuMicroseconds.get(name) ?? 0) / full.sent.events),
    ),
  ];
}

function peaks(platform: Platform): readonly Measure[] {
  return [...processesOf(platform)].map(([name, pid]) => ({
    what: `peak memory: ${name}`,
    unit: 'MB',
    runs: [usageOf(pid).peakBytes / 1e6],
  }));
}
