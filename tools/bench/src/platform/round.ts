import { eventually } from '@tributary/testing';
import { monotonicMs } from '../load/clock.js';
import { MOST_PREPARED_EVENTS, type LoadOptions, type Sent } from '../load/load.js';
import { cpuBetween, usages } from '../processes.js';
import { AUDIENCE, type TestBed } from './test-bed.js';

/** A load of visitors, followed to its end. */
export interface Round {
  readonly sent: Sent;
  /** From the first request until every event is in ClickHouse and every member has entered. */
  readonly completeSeconds: number;
  /** From the answer that accepted the deciding event to the change's arrival at a consumer. */
  readonly latenciesMs: readonly number[];
  /** By process, over the whole round. */
  readonly cpuMicroseconds: ReadonlyMap<string, number>;
}

/** What of a load differs from round to round. */
export type RoundOptions = Pick<LoadOptions, 'name' | 'events' | 'rate' | 'known'>;

const POLL_MS = 100;
const STALLED_MS = 60_000;

/** @throws Error when for a minute no event arrives in ClickHouse and no member enters, and some are missing */
export async function runRound(bed: TestBed, options: RoundOptions): Promise<Round> {
  const before = usages(bed.processes());
  const stored = await bed.storedEvents();
  const sent = await bed.load.send({
    ...options,
    url: bed.platform.services.collector.url,
    kind: options.known ? 'returning' : 'visits',
    batch: 20,
    connections: 16,
    prepared: options.rate === undefined && options.events <= MOST_PREPARED_EVENTS,
  });
  await complete(sent, stored + sent.events, bed);
  const { enteredAt } = bed.watch.of(AUDIENCE);
  return {
    sent,
    completeSeconds: (monotonicMs() - sent.startedAt) / 1_000,
    latenciesMs: sent.entering.map(([userId, at]) => (enteredAt.get(userId) ?? Number.NaN) - at),
    cpuMicroseconds: cpuBetween(before, usages(bed.processes())),
  };
}

/** Events a second that went all the way. */
export const sustained = ({ sent, completeSeconds }: Round): number => sent.events / completeSeconds;

/** Microseconds of CPU an event of the round: of one process, or of all but the load generator. */
export function cpuAnEvent({ sent, cpuMicroseconds }: Round, name?: string): number {
  const of = [...cpuMicroseconds].filter(([process]) =>
    name === undefined ? process !== 'load generator' : process === name,
  );
  return of.reduce((sum, [, used]) => sum + used, 0) / sent.events;
}

async function complete(sent: Sent, rows: number, bed: TestBed): Promise<void> {
  const { enteredAt } = bed.watch.of(AUDIENCE);
  const look = async () => ({
    rows: rows - (await bed.storedEvents()),
    members: sent.entering.filter(([userId]) => !enteredAt.has(userId)).map(([userId]) => userId),
  });
  await eventually(look, {
    left: ({ rows: left, members }) => Math.max(0, left) + members.length,
    ...{ withinMs: STALLED_MS, everyMs: POLL_MS, unless: bed.platform.assertAllRun },
    what: `${sent.events} events in ClickHouse and ${sent.entering.length} members`,
  });
}
