import { caughtUp } from '@tributary/harness';
import { eventually } from '@tributary/testing';
import { measuring, type Bench, type BenchContext, type Outcome } from '../bench.js';
import { growBy } from '../platform/growth.js';
import { cpuAnEvent, runRound, type Round } from '../platform/round.js';
import { startTestBed, type TestBed } from '../platform/test-bed.js';
import { show } from '../report.js';

const COUNTS = [0, 1, 10, 50];
const PEOPLE = 5_000;
const EVENTS = 12_000;
const RATE = 600;
const RUNS = 2;
const PATIENCE_MS = 300_000;

/** Of the events of the load: each time another window, so that ten traits of ten stand for ten that people define. */
const QUERIES = [
  (n: number) => `event('Product Viewed').within(${n} days).count()`,
  () => "event('Order Completed').sum(property('total'))",
  (n: number) => `event('Product Viewed').within(${n} days).mode(property('product_id'), 2)`,
  (n: number) => `page(*).within(${n} hours).count()`,
  () => 'event(*).last_at()',
  (n: number) => `event('Order Completed').stage(${n} days, 90 days, 180 days)`,
  () => "event('Product Viewed').unique(property('product_id')).count()",
  (n: number) => `event('Order Completed').between(${n} days, 60 days).avg(property('total'))`,
  () => "event('Product Viewed').last(property('product_id'))",
  (n: number) => `event('Product Viewed').where(property('price') > ${n}).count()`,
] as const;

export const traits: Bench = {
  about:
    'What an event costs with so many computed traits of every kind: returning people at a constant rate, the CPU of all ' +
    'processes and of profile-builder from the first request until all events are in ClickHouse. The numbers of traits ' +
    'take turns.',
  run: benchTraits,
};

async function benchTraits(context: BenchContext): Promise<Outcome> {
  const { bounds, say } = context;
  const bed = await startTestBed(context);
  const [people = PEOPLE] = bounds.profiles ?? [];
  const [rate = RATE] = bounds.rates ?? [];
  const events = bounds.events ?? EVENTS;
  await growBy(bed, people, 'known', say);
  await runRound(bed, {
    name: 'warm-up',
    events: events / 2,
    rate,
    known: { name: 'known', events: people },
  });
  const rounds = new Map(COUNTS.map((count) => [count, [] as Round[]]));
  for (let run = 1; run <= (bounds.runs ?? RUNS); run += 1) {
    for (const count of COUNTS) {
      await define(bed, count);
      const known = { name: 'known', events: people };
      const round = await runRound(bed, { name: `r${run}-t${count}`, events, rate, known });
      say(`run ${run}, ${count} traits: ${show(cpuAnEvent(round))} µs an event`);
      rounds.get(count)?.push(round);
    }
  }
  return {
    facts: { people, events, rate, traits: COUNTS },
    measures: [...rounds].flatMap(([count, all]) => {
      const measure = measuring(all, `${count} traits`);
      return [
        measure('CPU an event, all processes', 'µs', (round) => cpuAnEvent(round)),
        measure('CPU an event, profile-builder', 'µs', (round) => cpuAnEvent(round, 'profile-builder')),
        measure('CPU an event, ClickHouse', 'µs', (round) => cpuAnEvent(round, 'clickhouse')),
      ];
    }),
  };
}

/** Has so many traits in force, and waits until they answer and everybody was gone through. */
async function define({ platform }: TestBed, count: number): Promise<void> {
  const { client } = platform;
  const traits = Object.fromEntries(
    Array.from({ length: count }, (_, i) => {
      const query = QUERIES[i % QUERIES.length]?.(1 + Math.floor(i / QUERIES.length)) ?? '';
      return [`t${i}`, { name: `t${i}`, query }];
    }),
  );
  await client.ask('PUT', '/v1/definitions?prune=true', { traits });
  await eventually(() => client.ask('GET', '/v1/traits?limit=100'), {
    until: (page) => {
      const { data } = page as { readonly data: readonly { readonly state: string }[] };
      return data.length === count && data.every(({ state }) => state === 'live');
    },
    ...{ withinMs: PATIENCE_MS, unless: platform.assertAllRun, what: `${count} traits to be live` },
  });
  await caughtUp(platform);
}
