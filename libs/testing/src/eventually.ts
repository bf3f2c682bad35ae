import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;

/** When to stop waiting. */
export interface EventuallyOptions<T> {
  /** What must hold of the value. When absent: that it is truthy, or undefined, as of a read that only asserts. */
  readonly until?: (value: T) => boolean;
  /** Milliseconds; 20 000 when absent. */
  readonly withinMs?: number;
  /** What is awaited, for the error's reader. */
  readonly what?: string;
}

type Seen<T> = { readonly value: T; readonly holds: boolean } | { readonly thrown: unknown };

const isThere = (value: unknown): boolean => value === undefined || Boolean(value);

async function look<T>(read: () => T | Promise<T>, until: (value: T) => boolean): Promise<Seen<T>> {
  try {
    const value = await read();
    return { value, holds: until(value) };
  } catch (thrown) {
    return { thrown };
  }
}

function describe(seen: Seen<unknown> | undefined): string {
  if (seen === undefined) return 'nothing, the first look has not come back';
  if ('value' in seen) return inspect(seen.value, { depth: 6, breakLength: 120 });
  return `an error, ${seen.thrown instanceof Error ? seen.thrown.message : inspect(seen.thrown)}`;
}

/**
 * Reads again and again, soon at first and then five times a second, until `until` holds of the value and nothing
 * throws; answers that value. The deadline holds even when a read never comes back.
 *
 * @throws Error naming what was awaited and what was seen last, whose `cause` is the last error thrown
 */
export async function eventually<T>(
  read: () => T | Promise<T>,
  options: EventuallyOptions<T> = {},
): Promise<T> {
  const { until = isThere, withinMs = 20_000, what = 'what was awaited' } = options;
  const deadline = performance.now() + withinMs;
  let seen: Seen<T> | undefined;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const left = deadline - performance.now();
    const timer = new AbortController();
    const now = await Promise.race([
      look(read, until),
      delay(Math.max(left, 1), undefined, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    seen = now ?? seen;
    if (now !== undefined && 'value' in now && now.holds) return now.value;
    if (performance.now() + pause >= deadline) break;
    await delay(pause);
  }
  throw new Error(`${what} did not come within ${withinMs} ms; last seen: ${describe(seen)}`, {
    cause: seen !== undefined && 'thrown' in seen ? seen.thrown : undefined,
  });
}
