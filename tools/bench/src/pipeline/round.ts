import { setTimeout as pause } from 'node:timers/promises';
import { usageOf, type Usage } from './processes.js';
import { sendEvents, type Sent, type SendOptions } from './sender.js';
import type { Watch } from './watch.js';

/** A round of events, followed to its end. */
export interface Round {
  readonly sent: Sent;
  /** From the first request until every event is in ClickHouse and every member has entered. */
  readonly completeSeconds: number;
  /** From the answer that accepted the deciding event to the change's arrival at a consumer. */
  readonly latenciesMs: readonly number[];
  /** By process, over the whole round. */
  readonly cpuMicroseconds: ReadonlyMap<string, number>;
}

const POLL_MS = 50;
const DEADLINE_MS = 240_000;

/** @throws Error when the round is not complete four minutes after it was sent */
export async function runRound(
  options: SendOptions,
  watch: Watch,
  processes: ReadonlyMap<string, number>,
): Promise<Round> {
  const before = usages(processes);
  const stored = await watch.storedEvents();
  const start = performance.now();
  const sent = await sendEvents(options);
  await complete(sent, stored + sent.events, watch);
  const completeSeconds = (performance.now() - start) / 1_000;
  const latenciesMs = [...sent.acceptedAt].map(
    ([userId, at]) => (watch.enteredAt.get(userId) ?? Number.NaN) - at,
  );
  const cpuMicroseconds = new Map(
    [...usages(processes)].map(([name, after]) => [
      name,
      after.cpuMicroseconds - (before.get(name)?.cpuMicroseconds ?? 0),
    ]),
  );
  return { sent, completeSeconds, latenciesMs, cpuMicroseconds };
}

async function complete(sent: Sent, rows: number, watch: Watch): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const missing = [...sent.acceptedAt.keys()].filter((userId) => !watch.enteredAt.has(userId));
    const stored = await watch.storedEvents();
    if (missing.length === 0 && stored >= rows) return;
    if (performance.now() > deadline)
      throw new Error(
        `not complete ${DEADLINE_MS / 1_000} s after it was sent: ${rows - stored} of ${sent.events} events are not in ` +
          `ClickHouse, ${missing.length} of ${sent.acceptedAt.size} members have not entered (${missing.slice(0, 5).join(', ')})`,
      );
    await pause(POLL_MS);
  }
}

function usages(processes: ReadonlyMap<string, number>): ReadonlyMap<string, Usage> {
  return new Map([...processes].map(([name, pid]) => [name, usageOf(pid)]));
}
