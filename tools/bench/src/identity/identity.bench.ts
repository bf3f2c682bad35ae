import { Visitors } from '@tributary/harness/people';
import { measuring, type Bench, type BenchContext, type Measure, type Outcome } from '../bench.js';
import { monotonicMs } from '../load/clock.js';
import { show } from '../report.js';
import { percentile } from '../statistics.js';
import type { Usage } from '../processes.js';
import { startIdentityBed, type IdentityBed } from './identity-bed.js';
import { burst, grow, paced, writeSupernode, type Rate } from './loads.js';
import { resolveAlone } from './resolve-alone.js';

const EVENTS = 60_000;
const RUNS = 2;
const IDENTIFIERS = [0, 100_000];
const SUPERNODE = 100_000;
const PACED_SHARE = 0.25;
const PACED_LOAD = 0.5;
const BACKLOG = 2_000;
const OTHERS_RATE = 200;
const WARM_UP = 0.25;

/** A burst, a load at half of what it sustained, and a kill. */
interface Run {
  readonly sustained: number;
  /** Of identity's process, in microseconds a link. */
  readonly cpu: number;
  readonly latenciesMs: readonly number[];
  /** Before the kill. */
  readonly usage: Usage;
  readonly restart: { readonly ready: number; readonly caughtUp: number };
}

export const identity: Bench = {
  about:
    'Identity alone, with a broker and nothing else: visitors, two and a half identifiers each, are written straight ' +
    'to events.v1, so latency is from Kafka’s acknowledgement of an event to the arrival at a consumer of an assignment ' +
    'that covers its offset. First as fast as Kafka takes them, then at half of what was sustained. A kill is `kill -9`, ' +
    'with events written before the new start; until all of those are answered. Its tables have no engine to go to. ' +
    'A supernode is one identifier that meets so many others, two thousand of them unanswered at a time, while others come ' +
    'and go at 200 events a second.',
  run: benchIdentity,
};

async function benchIdentity(context: BenchContext): Promise<Outcome> {
  const { bounds, say } = context;
  const runs = bounds.runs ?? RUNS;
  const events = bounds.events ?? EVENTS;
  const alone = resolveAlone(runs);
  const bed = await startIdentityBed(context);
  const warmUp = await burst(bed, new Visitors('warm-up'), Math.ceil(events * WARM_UP));
  say(`warm-up: ${show(rateOf(warmUp))} links/s`);
  const measures: Measure[] = [];
  let present = 0;
  for (const wanted of bounds.identifiers ?? IDENTIFIERS) {
    const grown = wanted > present ? await grow(bed, wanted - present, say) : undefined;
    present = Math.max(present, wanted);
    const variant = `${wanted.toLocaleString('en')} identifiers`;
    const all: Run[] = [];
    for (let run = 1; run <= runs; run += 1) all.push(await runOnce(bed, `${wanted}-${run}`, events, say));
    const loaded = grown ? [{ what: 'loading', variant, unit: 'links/s', runs: [rateOf(grown)] }] : [];
    const disk = { what: 'state on disk', variant, unit: 'MB', runs: [(await bed.stateBytes()) / 1e6] };
    measures.push(...loaded, ...measuresOfRuns(all, variant), disk);
  }
  measures.push(...(await supernodeOnce(bed, bounds.supernode ?? SUPERNODE, say)), ...alone);
  const facts = {
    events,
    identifiers: bounds.identifiers ?? IDENTIFIERS,
    supernode: bounds.supernode ?? SUPERNODE,
  };
  return { facts: { ...facts, pacedLoad: PACED_LOAD, eventsAtRestart: BACKLOG }, measures };
}

const rateOf = ({ links, seconds }: Rate) => links / seconds;

async function runOnce(
  bed: IdentityBed,
  name: string,
  events: number,
  say: BenchContext['say'],
): Promise<Run> {
  const full = await burst(bed, new Visitors(`full-${name}`), events);
  const sustained = rateOf(full);
  const rate = (events / full.seconds) * PACED_LOAD;
  say(`${show(sustained)} links/s; now ${show(rate)} events/s`);
  const paceful = { events: Math.ceil(events * PACED_SHARE), rate };
  const latenciesMs = await paced(bed, new Visitors(`paced-${name}`), paceful);
  const usage = bed.usage();
  const restart = await restartOnce(bed, name);
  say(
    `p99 ${show(percentile(latenciesMs, 0.99))} ms; after a kill ready in ${show(restart.ready)} s, ` +
      `caught up in ${show(restart.caughtUp)} s`,
  );
  return { sustained, cpu: full.cpu / full.links, latenciesMs, usage, restart };
}

async function restartOnce({ platform, writer, watch }: IdentityBed, name: string): Promise<Run['restart']> {
  const process = platform.services.identity;
  const killedAt = monotonicMs();
  const since = (at: number) => (at - killedAt) / 1_000;
  process.kill('SIGKILL');
  await process.exited;
  watch.listen();
  const visitors = new Visitors(`restart-${name}`);
  watch.expect(await writer.write(Array.from({ length: BACKLOG }, () => visitors.next())));
  await process.start();
  const ready = since(monotonicMs());
  const caughtUp = since(await watch.until());
  watch.forget();
  return { ready, caughtUp };
}

function measuresOfRuns(all: readonly Run[], variant: string): readonly Measure[] {
  const of = measuring(all, variant);
  return [
    of('links sustained', 'links/s', ({ sustained }) => sustained),
    of('CPU of identity meanwhile, a link', 'µs', ({ cpu }) => cpu),
    of('event to assignment at half load, p50', 'ms', ({ latenciesMs }) => percentile(latenciesMs, 0.5)),
    of('event to assignment at half load, p99', 'ms', ({ latenciesMs }) => percentile(latenciesMs, 0.99)),
    of('memory', 'MB', ({ usage }) => usage.ownBytes / 1e6),
    of('peak with mapped files', 'MB', ({ usage }) => usage.peakBytes / 1e6),
    of('after a kill, ready', 's', ({ restart }) => restart.ready),
    of('after a kill, all answered', 's', ({ restart }) => restart.caughtUp),
  ];
}

async function supernodeOnce(
  bed: IdentityBed,
  partners: number,
  say: BenchContext['say'],
): Promise<readonly Measure[]> {
  say(`a supernode of ${partners.toLocaleString('en')} …`);
  const before = await paced(bed, new Visitors('before-supernode'), {
    events: OTHERS_RATE * 20,
    rate: OTHERS_RATE,
  });
  const { seconds, othersMs, peakOwnBytes } = await writeSupernode(bed, {
    partners,
    othersRate: OTHERS_RATE,
  });
  const variant = `a supernode of ${partners.toLocaleString('en')}`;
  const of = (what: string, unit: string, value: number): Measure => ({ what, variant, unit, runs: [value] });
  return [
    of('until the supernode is answered', 's', seconds),
    of('links sustained', 'links/s', partners / seconds),
    of('event to assignment of others before it, p99', 'ms', percentile(before, 0.99)),
    of('event to assignment of others meanwhile, p50', 'ms', percentile(othersMs, 0.5)),
    of('event to assignment of others meanwhile, p99', 'ms', percentile(othersMs, 0.99)),
    of('most memory meanwhile', 'MB', peakOwnBytes / 1e6),
  ];
}
