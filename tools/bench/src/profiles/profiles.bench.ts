import { measuring, type Bench, type BenchContext, type Measure, type Outcome } from '../bench.js';
import { BenchError } from '../bench.errors.js';
import { runRound } from '../platform/round.js';
import { startTestBed, type TestBed } from '../platform/test-bed.js';
import { cpuBetween, usages } from '../processes.js';
import { show } from '../report.js';
import { ReaderProcess } from './reader-process.js';
import type { Reads } from './reads.js';

const READS_A_SECOND = 2_000;
const EVENTS_A_SECOND = 1_000;
const SECONDS = 20;
const WARM_UP_SECONDS = 5;
const RUNS = 2;
const EVENTS_BEFORE = 20_000;
const MOST_PEOPLE = 500;
const CONNECTIONS = 64;

export const profiles: Bench = {
  about:
    'Reads of single profiles through the api at a constant rate, by id and by identifier, beside events at a constant ' +
    'rate (`--beside`). A read counts from the instant at which it was to be sent, so that one that waits for those ' +
    'before it is as late as its reader sees it. The reader and the load generator are processes of their own; the token ' +
    'is one that was made, with the scope `read`.',
  run: benchProfiles,
};

interface Run extends Reads {
  readonly apiCpu: number;
  readonly ownerCpu: number;
}

async function benchProfiles(context: BenchContext): Promise<Outcome> {
  const { bounds, say, stack } = context;
  const bed = await startTestBed(context);
  const reader = stack.use(new ReaderProcess());
  const { sent } = await runRound(bed, { name: 'before', events: bounds.events ?? EVENTS_BEFORE });
  const people = await peopleOf(
    bed,
    sent.entering.slice(0, MOST_PEOPLE).map(([userId]) => userId),
  );
  const token = await readToken(bed);
  const [rate = READS_A_SECOND] = bounds.rates ?? [];
  const beside = bounds.beside ?? EVENTS_A_SECOND;
  const seconds = bounds.seconds ?? SECONDS;
  const variants = [
    { variant: 'by id', paths: people.map(({ profileId }) => `/v1/profiles/${profileId}`) },
    { variant: 'by identifier', paths: people.map(({ identifier }) => byIdentifier(identifier)) },
  ];
  const runs = new Map<string, Run[]>(variants.map(({ variant }) => [variant, []]));
  const at = (paths: readonly string[], lasting: number) =>
    reader.read({
      ...{ url: bed.platform.services.api.url, token, paths, rate },
      ...{ seconds: lasting, connections: CONNECTIONS },
    });
  for (const { paths } of variants) await at(paths, WARM_UP_SECONDS);
  for (let run = 1; run <= (bounds.runs ?? RUNS); run += 1) {
    for (const { variant, paths } of variants) {
      const name = `r${run}-${variant.replaceAll(' ', '')}`;
      const loaded = runRound(bed, { name, events: beside * seconds, rate: beside });
      const before = usages(bed.processes());
      const reads = await at(paths, seconds);
      const cpu = cpuBetween(before, usages(bed.processes()));
      await loaded;
      const each = (process: string) => (cpu.get(process) ?? Number.NaN) / reads.answered;
      runs.get(variant)?.push({ ...reads, apiCpu: each('api'), ownerCpu: each('profile-builder') });
      const { p50, p99 } = reads.latenciesMs;
      say(`run ${run}, ${variant}: p50 ${show(p50)} ms, p99 ${show(p99)} ms, ${reads.failed} failed`);
    }
  }
  return {
    facts: { reads: rate, eventsBeside: beside, seconds, people: people.length, connections: CONNECTIONS },
    measures: [...runs].flatMap(([variant, all]) => measuresOf(variant, all)),
  };
}

function measuresOf(variant: string, runs: readonly Run[]): readonly Measure[] {
  const measure = measuring(runs, variant);
  return [
    measure('profile read, p50', 'ms', ({ latenciesMs }) => latenciesMs.p50),
    measure('profile read, p95', 'ms', ({ latenciesMs }) => latenciesMs.p95),
    measure('profile read, p99', 'ms', ({ latenciesMs }) => latenciesMs.p99),
    measure('profile read, longest', 'ms', ({ latenciesMs }) => latenciesMs.max),
    measure('answered', 'reads', ({ answered }) => answered),
    measure('answered by who holds the profile', 'reads', ({ ofState }) => ofState),
    measure('failed', 'reads', ({ failed }) => failed),
    measure('CPU of the api a read', 'µs', ({ apiCpu }) => apiCpu),
    measure('CPU of profile-builder a read, with the events beside', 'µs', ({ ownerCpu }) => ownerCpu),
  ];
}

interface Person {
  readonly identifier: string;
  readonly profileId: string;
}

async function peopleOf({ platform }: TestBed, userIds: readonly string[]): Promise<readonly Person[]> {
  const people: Person[] = [];
  for (const userId of userIds) {
    const identifier = `user_id:${userId}`;
    people.push({ identifier, profileId: (await platform.client.profile(identifier)).profileId });
  }
  if (people.length === 0) throw new BenchError('nobody is there to be read: give it more --events');
  return people;
}

function byIdentifier(identifier: string): string {
  return `/v1/profiles?${new URLSearchParams({ identifier }).toString()}`;
}

async function readToken({ platform }: TestBed): Promise<string> {
  const made = await platform.client.ask('POST', '/v1/tokens', { name: 'bench', scopes: ['read'] });
  return (made as { readonly token: string }).token;
}
