import { setTimeout as delay } from 'node:timers/promises';
import type { Call } from './call.js';
import type { Load } from './load.js';
import type { People } from './people.js';
import { seconds } from './report.js';
import type { Harness } from './harness.js';

/** How many events are sent, and how fast. */
export interface SpoolScenarioOptions {
  readonly events: number;
  readonly callsPerSecond: number;
}

interface Step {
  /** After so much of the events was sent. */
  readonly after: number;
  readonly what: string;
  readonly does: (harness: Harness) => Promise<void>;
}

const BATCH = 40;
const POLL_MS = 20;
const REPLAY_MS = 1_000;

const killCollector = async (harness: Harness) => {
  await harness.killService('collector');
  await harness.startService('collector');
};

/** Kafka freezes, dies and comes back; the collector is killed beside a frozen Kafka, a dead one, and in its replay. */
const STEPS: readonly Step[] = [
  {
    after: 0.1,
    what: 'the broker is paused',
    does: (harness) => {
      harness.brokers.pause(1);
      return Promise.resolve();
    },
  },
  { after: 0.3, what: 'the collector is killed and started beside the paused broker', does: killCollector },
  { after: 0.45, what: 'the broker is killed', does: (harness) => harness.brokers.kill(1) },
  { after: 0.6, what: 'the collector is killed and started without a broker', does: killCollector },
  { after: 0.75, what: 'the broker is started', does: (harness) => harness.brokers.startAgain(1) },
  {
    after: 0.75,
    what: 'the collector is killed and started while it replays',
    does: async (harness) => {
      await delay(REPLAY_MS);
      await killCollector(harness);
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

  next(): readonly Call[] {
    const batch: Call[] = [];
    while (batch.length < BATCH) batch.push(...this.people.next());
    this.#calls += batch.length;
    return batch;
  }
}

/** Tells the scenario while the load runs; ends when all events were sent. */
export async function spoolScenario(
  { harness, load, crowd }: { readonly harness: Harness; readonly load: Load; readonly crowd: Crowd },
  { events }: SpoolScenarioOptions,
  say: (line: string) => void,
): Promise<void> {
  const began = performance.now();
  let loadFailed = false;
  load.ended.catch(() => (loadFailed = true));
  const sent = async (count: number) => {
    while (crowd.calls < count && !loadFailed) await delay(POLL_MS);
    if (loadFailed) await load.ended;
  };
  for (const { after, what, does } of STEPS) {
    await sent(after * events);
    const answered = load.answered;
    say(`${seconds(performance.now() - began).padStart(8)}  ${what}, after ${answered} events`);
    await does(harness);
  }
  await sent(events);
  say(`${seconds(performance.now() - began).padStart(8)}  all are sent`);
}
