import { caughtUp } from '@tributary/harness';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { measuresOf, type Bench, type BenchContext, type Outcome } from '../bench.js';
import { BenchError } from '../bench.errors.js';
import { startTestBed, type TestBed } from '../platform/test-bed.js';
import { show } from '../report.js';
import { runMeasured } from './measured-run.js';

const MAIN = fileURLToPath(new URL('../../../verify/dist/main.js', import.meta.url));
const EVENTS = 100_000;
const RUNS = 2;
const SAID_LINES = 20;

const TITLES = {
  seconds: ['time', 's'],
  rate: ['verified', 'events/s'],
  cpu: ['CPU', 'µs/event'],
  peak: ['peak memory', 'MB'],
} as const;
type Figures = Readonly<Record<keyof typeof TITLES, number>>;

export const verify: Bench = {
  about:
    'So many events of visitors go in as fast as the collector takes them; when every processor has folded them, ' +
    '`npm run verify` recomputes identity, profiles and audiences from the log and compares, as a process of its own. ' +
    'A difference fails the benchmark.',
  run: benchVerify,
};

async function benchVerify(context: BenchContext): Promise<Outcome> {
  const { bounds, say, stack } = context;
  await access(MAIN).catch((cause: unknown) => {
    throw new BenchError(`${MAIN} is not there: build it, or this version has no verification`, { cause });
  });
  const bed = await startTestBed(context);
  const events = bounds.events ?? EVENTS;
  say(`loading ${events.toLocaleString('en')} events …`);
  const { events: sent } = await bed.load.send({
    url: bed.platform.services.collector.url,
    name: 'verified',
    kind: 'visits',
    events,
    batch: 20,
    connections: 16,
    prepared: false,
  });
  await caughtUp(bed.platform);
  const figures: Figures[] = [];
  for (let run = 1; run <= (bounds.runs ?? RUNS); run += 1) {
    const one = await verifyOnce(bed, sent, stack);
    say(`run ${run}: ${show(one.seconds)} s`);
    figures.push(one);
  }
  return { facts: { events: sent }, measures: measuresOf(TITLES, figures) };
}

async function verifyOnce(
  { platform }: TestBed,
  events: number,
  stack: AsyncDisposableStack,
): Promise<Figures> {
  const env = {
    ...process.env,
    KAFKA_BROKERS: platform.brokers,
    CLICKHOUSE_URL: platform.clickhouseUrl,
    API_PORT: new URL(platform.services.api.url).port,
    TRIBUTARY_DATA: platform.dataDir,
  };
  const { code, output, seconds, usage } = await runMeasured(MAIN, { args: [], env }, stack);
  if (code !== 0) {
    const said = output.trim().split('\n').slice(-SAID_LINES).join('\n');
    throw new BenchError(`verify ended with ${code ?? 'a signal'}; it said at the end:\n${said}`);
  }
  return {
    seconds,
    rate: events / seconds,
    cpu: usage.cpuMicroseconds / events,
    peak: usage.peakBytes / 1e6,
  };
}
