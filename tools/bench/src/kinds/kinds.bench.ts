import { caughtUp, startOwnPlatform, type Call, type OwnPlatform } from '@tributary/harness';
import { AUDIENCE_QUERY } from '@tributary/harness/people';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, BenchContext, Measure, Outcome } from '../bench.js';
import { readLogs, type LogReading } from './log-meter.js';

const PEOPLE = 200;
/** Of somebody who returns: for a minute. */
const EVENTS_OF_A_SESSION = 10;
const SESSION_MS = 60_000;
const BATCH = 20;
/** Until what waits for its turn is published, and the changelogs have it. */
const SETTLED_MS = 45_000;

interface Kind {
  readonly name: string;
  /** What was known of a person before. */
  readonly before: (person: string) => readonly Call[];
  /** How often each sends it, over a minute where it is more than once. */
  readonly times: number;
  readonly call: (person: string, time: number) => Call;
}

const context = {
  ip: '203.0.113.7',
  locale: 'en-GB',
  timezone: 'Europe/London',
  userAgent:
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15',
  page: { path: '/products/sku-1', title: 'Weekenders', url: 'https://www.shop.example/products/sku-1' },
};
const view = (who: Pick<Call, 'userId' | 'anonymousId'>): Call => ({
  ...{ type: 'page', name: 'Category', properties: { product_id: 'sku-1', price: 20 }, context },
  ...who,
});
const both = (person: string) => ({ userId: `u-${person}`, anonymousId: `a-${person}` });
const identify = (person: string): Call => ({
  ...{ type: 'identify', context, traits: { email: `${person}@shop.example`, plan: 'loyalty' } },
  ...both(person),
});

const KINDS: readonly Kind[] = [
  {
    name: 'page view of a returning visitor',
    before: (person) => [view({ anonymousId: `a-${person}` })],
    times: EVENTS_OF_A_SESSION,
    call: (person) => view({ anonymousId: `a-${person}` }),
  },
  {
    name: 'page view of a returning known person',
    before: (person) => [identify(person)],
    times: EVENTS_OF_A_SESSION,
    call: (person) => view(both(person)),
  },
  {
    name: 'order that counts',
    before: (person) => [identify(person)],
    times: 1,
    call: (person) => ({
      ...{ type: 'track', event: 'Order Completed', properties: { total: 120, currency: 'EUR' }, context },
      ...both(person),
    }),
  },
  {
    name: 'first event of a new visitor',
    before: () => [],
    times: 1,
    call: (person) => view({ anonymousId: `new-${person}` }),
  },
  {
    name: 'identify that joins six identifiers',
    before: (person) => [view({ anonymousId: `a-${person}` })],
    times: 1,
    call: (person) => ({
      ...identify(person),
      context: {
        ...context,
        externalIds: ['crm_id', 'loyalty_id', 'phone', 'device_id'].map((type) => ({
          ...{ id: `${type}-${person}`, type, collection: 'users', encoding: 'none' },
        })),
      },
    }),
  },
];

export const kinds: Bench = {
  about:
    'What an event of each kind costs in records and bytes, which do not depend on the machine: written to Kafka, by ' +
    'topic, and read from it, with what waits for its turn and the changelogs. People who return send ten events over a minute. ' +
    'One audience counts orders.',
  run: benchKinds,
};

async function benchKinds({ stack, say }: BenchContext): Promise<Outcome> {
  const platform = await startOwnPlatform(stack);
  await platform.client.putAudience('bench', AUDIENCE_QUERY);
  const measures: Measure[] = [];
  for (const kind of KINDS) {
    measures.push(...(await measureKind(platform, kind)));
    say(kind.name);
  }
  return { facts: { people: PEOPLE, audience: AUDIENCE_QUERY }, measures };
}

async function measureKind(platform: OwnPlatform, kind: Kind): Promise<readonly Measure[]> {
  const people = Array.from({ length: PEOPLE }, (_, n) => `${KINDS.indexOf(kind)}-${n}`);
  await send(platform, people.flatMap(kind.before));
  await settle(platform);
  const before = await readLogs(platform);
  for (let time = 0; time < kind.times; time += 1) {
    await send(
      platform,
      people.map((person) => kind.call(person, time)),
    );
    if (kind.times > 1) await pause(SESSION_MS / kind.times);
  }
  await settle(platform);
  return measuresBetween(kind, before, await readLogs(platform));
}

async function send(platform: OwnPlatform, calls: readonly Call[]): Promise<void> {
  for (let i = 0; i < calls.length; i += BATCH) await platform.client.send(...calls.slice(i, i + BATCH));
}

async function settle(platform: OwnPlatform): Promise<void> {
  await caughtUp(platform);
  await pause(SETTLED_MS);
  await caughtUp(platform);
}

function measuresBetween(kind: Kind, before: LogReading, after: LogReading): readonly Measure[] {
  const events = PEOPLE * kind.times;
  const measure = (what: string, unit: string, count: number): Measure => ({
    ...{ what, variant: kind.name, unit, runs: [count / events] },
  });
  const produced = [...after.produced].map(
    ([topic, count]) => [topic, count - (before.produced.get(topic) ?? 0)] as const,
  );
  const all = produced.reduce((sum, [, count]) => sum + count, 0);
  return [
    measure('records written', 'records/event', all),
    measure('records read', 'records/event', after.consumed - before.consumed),
    measure('bytes in Kafka', 'bytes/event', after.bytes - before.bytes),
    ...produced
      .filter(([, count]) => count > 0)
      .map(([topic, count]) => measure(`written to ${topic}`, 'records/event', count)),
  ];
}
