import type { People } from '@tributary/harness/people';
import { eventually } from '@tributary/testing';
import { setTimeout as delay } from 'node:timers/promises';
import type { IdentifiedCall } from '@tributary/harness';
import type { Load } from './load.js';
import { seconds } from './report.js';
import type { BreakablePlatform } from './breakable-platform.js';

/** How many events are sent, and how fast. */
export interface SpoolScenarioOptions {
  readonly events: number;
  readonly callsPerSecond: number;
}

interface Step {
  /** After so much of the events was sent. */
  readonly after: number;
  readonly what: string;
  readonly does: (platform: BreakablePlatform) => Promise<void>;
}

const BATCH = 40;
const POLL_MS = 20;
/** A request is sent again and again for less than that. */
const STALLED_MS = 300_000;
const REPLAY_MS = 1_000;

const killCollector = async (platform: BreakablePlatform) => {
  await platform.killService('collector');
  await platform.startService('collector');
};

/** Kafka freezes, dies and comes back; the collector is killed beside a frozen Kafka, a dead one, and in its replay. */
const STEPS: readonly Step[] = [
  {
    after: 0.1,
    what: 'the broker is paused',
    does: (platform) => {
      platform.brokers.pause(1);
      return Promise.resolve();
    },
  },
  { after: 0.3, what: 'the collector is killed and started beside the paused broker', does: killCollector },
  { after: 0.45, what: 'the broker is killed', does: (platform) => platform.brokers.kill(1) },
  { after: 0.6, what: 'the collector is killed and started without a broker', does: killCollector },
  { after: 0.75, what: 'the broker is started', does: (platform) => platform.brokers.startAgain(1) },
  {
    after: 0.75,
    what: 'the collector is killed and started while it replays',
    does: async (platform) => {
      await delay(REPLAY_MS);
      await killCollector(platform);
    },
  },
];

/** Requests of many calls each, and how many calls that were. */
export class Crowd {
  #calls = 0;

  constructor(private readonly people: People) {}

  get calls(): number {
    return this.#calls;
  }

  next(): readonly IdentifiedCall[] {
    const batch: IdentifiedCall[] = [];
    while (batch.length < BATCH) batch.push(...this.people.next());
    this.#calls += batch.length;
    return batch;
  }
}

/** Tells the scenario while the load runs; ends when all events were sent. */
export async function spoolScenario(
  {
    platform,
    load,
    crowd,
  }: { readonly platform: BreakablePlatform; readonly load: Load; readonly crowd: Crowd },
  { events }: SpoolScenarioOptions,
  say: (line: string) => void,
): Promise<void> {
  const began = performance.now();
  let loadFailed = false;
  load.ended.catch(() => (loadFailed = true));
  const sent = async (count: number) => {
    await eventually(() => count - crowd.calls, {
      ...{ left: (calls) => calls, withinMs: STALLED_MS, everyMs: POLL_MS },
      ...{ unless: () => (loadFailed ? load.ended : undefined), what: `${count} calls sent` },
    });
  };
  for (const { after, what, does } of STEPS) {
    await sent(after * events);
    const answered = load.answered;
    say(`${seconds(performance.now() - began).padStart(8)}  ${what}, after ${answered} events`);
    await does(platform);
  }
  await sent(events);
  say(`${seconds(performance.now() - began).padStart(8)}  all are sent`);
}
