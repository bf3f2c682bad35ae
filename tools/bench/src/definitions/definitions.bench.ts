import { FOLDING_SERVICES } from '@tributary/harness';
import { eventually } from '@tributary/testing';
import { measuresOf, type Bench, type BenchContext, type Outcome } from '../bench.js';
import { monotonicMs } from '../load/clock.js';
import { growBy } from '../platform/growth.js';
import { longestPauseMs } from '../platform/service-metrics.js';
import { startTestBed, type TestBed } from '../platform/test-bed.js';
import { show } from '../report.js';

const PROFILES = [10_000];
const RUNS = 2;
const PATIENCE_MS = 600_000;

/** One that whoever identified is in at once, one that only what comes can fill. */
const QUERIES = {
  'a trait that two of five have': "trait('plan') == 'premium' OR trait('email') != ''",
  'a count of what comes': "event('Product Viewed').within(1 days).count() >= 3",
} as const;

const TITLES = {
  answered: ['put to answer', 'ms'],
  live: ['put to live', 's'],
  members: ['put to the last member', 's'],
  ...Object.fromEntries(
    FOLDING_SERVICES.map((service) => [service, [`longest pause: ${service}`, 'ms'] as const]),
  ),
} as Readonly<Record<string, readonly [string, string]>>;
type Figures = Readonly<Record<string, number>>;

export const definitions: Bench = {
  about:
    'An audience is put with so many profiles there: until the api answers, until it is live, until the number of its ' +
    'members stays as it is; and how long the event loop of each service stood still at most meanwhile.',
  run: benchDefinitions,
};

async function benchDefinitions(context: BenchContext): Promise<Outcome> {
  const { bounds, say } = context;
  const bed = await startTestBed(context);
  const figures = new Map<string, Figures[]>();
  let present = 0;
  for (const profiles of bounds.profiles ?? PROFILES) {
    if (profiles > present) await growBy(bed, profiles - present, `grow-${profiles}`, say);
    present = Math.max(present, profiles);
    for (let run = 1; run <= (bounds.runs ?? RUNS); run += 1) {
      for (const [i, [name, query]] of Object.entries(QUERIES).entries()) {
        const variant = `${name}, ${profiles.toLocaleString('en')} profiles`;
        const one = await putOnce(bed, `put-${profiles}-${run}-${i}`, query);
        say(`run ${run}: ${variant}: live after ${show(one.live ?? 0)} s`);
        figures.set(variant, [...(figures.get(variant) ?? []), one]);
      }
    }
  }
  return {
    facts: { profiles: bounds.profiles ?? PROFILES, queries: QUERIES },
    measures: [...figures].flatMap(([variant, runs]) => measuresOf(TITLES, runs, variant)),
  };
}

async function putOnce(bed: TestBed, key: string, query: string): Promise<Figures> {
  const { client } = bed.platform;
  for (const service of FOLDING_SERVICES) await longestPauseMs(bed, service);
  const putAt = monotonicMs();
  await client.putAudience(key, query);
  const answered = monotonicMs() - putAt;
  const within = { withinMs: PATIENCE_MS, unless: bed.platform.assertAllRun };
  await eventually(() => client.audienceState(key), {
    ...within,
    until: (state) => state === 'live',
    what: `${key} to be live`,
  });
  const live = (monotonicMs() - putAt) / 1_000;
  const members = await lastMemberAfter(bed, key, putAt);
  const pauses = await Promise.all(
    FOLDING_SERVICES.map(async (service) => [service, await longestPauseMs(bed, service)] as const),
  );
  return { answered, live, members, ...Object.fromEntries(pauses) };
}

/** When the last member of those who came with the definition was seen, in seconds; 0 where nobody is. */
async function lastMemberAfter(bed: TestBed, key: string, putAt: number): Promise<number> {
  const { profileIds } = bed.watch.of(key);
  let [count, grewAt] = [0, putAt];
  await eventually(
    () => {
      if (profileIds.size > count) [count, grewAt] = [profileIds.size, monotonicMs()];
      return monotonicMs() - grewAt;
    },
    { until: (still) => still > 5_000, withinMs: PATIENCE_MS, what: `${key} to hold still` },
  );
  return count === 0 ? 0 : (grewAt - putAt) / 1_000;
}
