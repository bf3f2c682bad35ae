import {
  caughtUp,
  FOLDING_SERVICES,
  PROCESSORS,
  startUntilReady,
  type FoldingService,
} from '@tributary/harness';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { measuresOf, type Bench, type BenchContext, type Outcome } from '../bench.js';
import { monotonicMs } from '../load/clock.js';
import { growBy } from '../platform/growth.js';
import { startTestBed, type TestBed } from '../platform/test-bed.js';
import { usageOf } from '../processes.js';
import { show } from '../report.js';

const PROFILES = [10_000];
const RUNS = 2;
const BACKLOG = 2_000;
const MOST_STARTS = 10;
const WAYS = ['killed', 'killed, disk lost'] as const;

export const RESTART_TITLES = {
  starts: ['starts that it took', 'starts'],
  ready: ['ready', 's'],
  caughtUp: ['lag gone', 's'],
  peak: ['peak memory by then', 'MB'],
} as const;
type Figures = Readonly<Record<keyof typeof RESTART_TITLES, number>>;

export const restart: Bench = {
  about:
    'A service is killed (`kill -9`) with so many profiles in the state, and started again at once, while events come ' +
    'in as fast as the collector takes them: from the kill until it says that it is ready, and until its consumer ' +
    'groups and those upstream have committed everything, which they do when they checkpoint, about once a second. With its disk lost ' +
    'too, its checkpoints are gone, and it rebuilds from the changelogs.',
  run: benchRestart,
};

async function benchRestart(context: BenchContext): Promise<Outcome> {
  const { bounds, say } = context;
  const bed = await startTestBed(context);
  const events = bounds.events ?? BACKLOG;
  const figures = new Map<string, Figures[]>();
  let present = 0;
  for (const profiles of bounds.profiles ?? PROFILES) {
    if (profiles > present) await growBy(bed, profiles - present, `grow-${profiles}`, say);
    present = Math.max(present, profiles);
    for (let run = 1; run <= (bounds.runs ?? RUNS); run += 1) {
      for (const way of WAYS) {
        for (const service of FOLDING_SERVICES) {
          const variant = `${service} ${way}, ${profiles.toLocaleString('en')} profiles`;
          const name = `${profiles}-${run}-${service}-${way === 'killed' ? 'k' : 'd'}`;
          const one = await restartOnce(bed, { service, diskLost: way !== 'killed', events, name }, say);
          say(
            `run ${run}: ${variant}: ready after ${show(one.ready)} s, lag gone after ${show(one.caughtUp)} s`,
          );
          figures.set(variant, [...(figures.get(variant) ?? []), one]);
        }
      }
    }
  }
  return {
    facts: { profiles: bounds.profiles ?? PROFILES, eventsMeanwhile: events },
    measures: [...figures].flatMap(([variant, runs]) => measuresOf(RESTART_TITLES, runs, variant)),
  };
}

/** Kills a service, with its checkpoints or without, and starts it again under load. */
export async function restartOnce(
  bed: TestBed,
  {
    service,
    diskLost,
    events,
    name,
  }: {
    readonly service: FoldingService;
    readonly diskLost: boolean;
    readonly events: number;
    readonly name: string;
  },
  say: BenchContext['say'],
): Promise<Figures> {
  await caughtUp(bed.platform);
  const process = bed.platform.services[service];
  const killedAt = monotonicMs();
  const since = () => (monotonicMs() - killedAt) / 1_000;
  process.kill('SIGKILL');
  await process.exited;
  if (diskLost) {
    for (const { folder } of PROCESSORS.filter((one) => one.service === service))
      await rm(join(bed.platform.dataDir, 'state', folder), { recursive: true });
  }
  const sending = bed.load.send({
    url: bed.platform.services.collector.url,
    name,
    kind: 'visits',
    events,
    batch: 20,
    connections: 4,
    prepared: false,
  });
  const starting = startUntilReady(process, { most: MOST_STARTS, say }).then((starts) => ({
    starts,
    ready: since(),
  }));
  const [started] = await Promise.all([starting, sending]);
  // What is upstream of it may hold back what it still has to do.
  await caughtUp(bed.platform, FOLDING_SERVICES.slice(0, FOLDING_SERVICES.indexOf(service) + 1));
  return { ...started, caughtUp: since(), peak: usageOf(process.pid ?? 0).peakBytes / 1e6 };
}
