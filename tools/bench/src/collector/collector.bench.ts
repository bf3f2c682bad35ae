import { measuresOf, type Bench, type BenchContext, type Outcome } from '../bench.js';
import { usageOf } from '../processes.js';
import { startArena, type Arena, type Contender } from './contenders.js';

const EVENTS = 60_000;
const RUNS = 3;
const CONNECTIONS = 32;
const SLOW_SECONDS = 3;

// One alone costs more, so there are fewer of them.
const SINGLE_SHARE = 0.15;
const SHAPES = [
  { name: 'batches of 20', batch: 20, share: 1, slowRate: 1_000 },
  { name: 'single events', batch: 1, share: SINGLE_SHARE, slowRate: 200 },
] as const;

const TITLES = {
  rate: ['acknowledged', 'events/s'],
  perCpuSecond: ['events a CPU second', 'events'],
  brokerCpu: ['CPU: broker', 'µs/event'],
  p50: ['answer at full speed, p50', 'ms'],
  p99: ['answer at full speed, p99', 'ms'],
  slowP50: ['answer at the slow rate, p50', 'ms'],
  slowP99: ['answer at the slow rate, p99', 'ms'],
  memory: ['memory after it', 'MB'],
  peak: ['peak since the start, mapped files too', 'MB'],
} as const;
type Figures = Readonly<Record<keyof typeof TITLES, number>>;

export const collector: Bench = {
  about:
    'The collector beside a plain one, written as one does who does not measure: NestJS on Fastify, DTO classes with ' +
    'class-validator, a kafkajs send with acks=-1 for each request. Both are processes of their own before one broker, ' +
    'with as many partitions, and take turns in each run; the load generator is a third. The plain one does less: no ' +
    'limits on size and nesting of an event, no correction of times, no identifiers, no record of what it refuses.',
  run: benchCollector,
};

async function benchCollector({ bounds, say, stack }: BenchContext): Promise<Outcome> {
  const arena = await startArena(stack);
  const events = bounds.events ?? EVENTS;
  const figures = new Map<string, Figures[]>();
  const bytes: number[] = [];
  // The run before the first is the warm-up.
  for (let run = 0; run <= (bounds.runs ?? RUNS); run += 1) {
    for (const shape of SHAPES) {
      for (const contender of arena.contenders) {
        const count = Math.ceil(events * shape.share);
        const { bytesPerEvent, ...one } = await turn(arena, contender, shape, count, `r${run}`);
        if (run === 0) continue;
        const variant = `${contender.name}, ${shape.name}`;
        figures.set(variant, [...(figures.get(variant) ?? []), one]);
        bytes.push(Math.round(bytesPerEvent));
      }
    }
    say(run === 0 ? 'warm-up' : `run ${run}`);
  }
  return {
    facts: {
      events,
      singleEvents: Math.ceil(events * SINGLE_SHARE),
      slowRates: SHAPES.map(({ name, slowRate }) => `${name}: ${slowRate} events/s`),
      connections: CONNECTIONS,
      bytesPerEvent: [...new Set(bytes)],
    },
    measures: [...figures].flatMap(([variant, runs]) => measuresOf(TITLES, runs, variant)),
  };
}

/** Full speed, then the same slow rate for both: only there answers can be compared, for nobody waits in a queue. */
async function turn(
  { send }: Arena,
  contender: Contender,
  shape: (typeof SHAPES)[number],
  events: number,
  run: string,
): Promise<Figures & { readonly bytesPerEvent: number }> {
  const name = `${contender.name}-${shape.batch}-${run}`;
  const load = { batch: shape.batch, connections: CONNECTIONS, prepared: true };
  const full = await send(contender, { ...load, name, events });
  const slow = await send(contender, {
    ...load,
    name: `${name}-slow`,
    events: shape.slowRate * SLOW_SECONDS,
    rate: shape.slowRate,
  });
  const { ownBytes, peakBytes } = usageOf(contender.pid);
  const { sent, collectorMicroseconds, brokerMicroseconds } = full;
  return {
    rate: sent.events / sent.seconds,
    perCpuSecond: (sent.events * 1e6) / collectorMicroseconds,
    brokerCpu: brokerMicroseconds / sent.events,
    p50: sent.requestMs.p50,
    p99: sent.requestMs.p99,
    slowP50: slow.sent.requestMs.p50,
    slowP99: slow.sent.requestMs.p99,
    memory: ownBytes / 1e6,
    peak: peakBytes / 1e6,
    bytesPerEvent: sent.bytes / sent.events,
  };
}
