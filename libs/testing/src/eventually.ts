import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;

/** When to stop waiting. */
export interface EventuallyOptions<T> {
  /** What must hold of the value. When absent: that it is truthy, or undefined, as of a read that only asserts. */
  readonly until?: (value: T) => boolean;
  /** What is left before it holds, which is then when nothing is; each time that less is left, `withinMs` begins anew. */
  readonly left?: (value: T) => number;
  /** Milliseconds; 20 000 when absent. */
  readonly withinMs?: number;
  /** The longest pause between two looks, in milliseconds; 200 when absent. */
  readonly everyMs?: number;
  /** Asked before each look: what it throws ends the waiting at once. */
  readonly unless?: () => unknown;
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
 * @throws Error naming what was awaited and what was seen last, whose `cause` is the last error thrown; what `unless`
 * throws
 */
export async function eventually<T>(
  read: () => T | Promise<T>,
  options: EventuallyOptions<T> = {},
): Promise<T> {
  const { left, withinMs = 20_000, what = 'what was awaited', everyMs = LONGEST_PAUSE_MS } = options;
  const until = options.until ?? (left ? (value: T) => left(value) <= 0 : isThere);
  let deadline = performance.now() + withinMs;
  let least = Infinity;
  let seen: Seen<T> | undefined;
  for (let pause = Math.min(FIRST_PAUSE_MS, everyMs); ; pause = Math.min(pause * 2, everyMs)) {
    await options.unless?.();
    const now = await inTime(look(read, until), deadline);
    seen = now ?? seen;
    if (now !== undefined && 'value' in now) {
      if (now.holds) return now.value;
      const still = left?.(now.value) ?? Infinity;
      if (still < least) [least, deadline] = [still, performance.now() + withinMs];
    }
    if (performance.now() + pause >= deadline) break;
    await delay(pause);
  }
  const late = left ? `did not come nearer within ${withinMs} ms` : `did not come within ${withinMs} ms`;
  throw new Error(`${what} ${late}; last seen: ${describe(seen)}`, {
    cause: seen !== undefined && 'thrown' in seen ? seen.thrown : undefined,
  });
}

/** Undefined when the deadline comes first. */
async function inTime<T>(looking: Promise<T>, deadline: number): Promise<T | undefined> {
  const timer = new AbortController();
  const late = delay(Math.max(deadline - performance.now(), 1), undefined, { signal: timer.signal });
  try {
    return await Promise.race([looking, late.catch(() => undefined)]);
  } finally {
    timer.abort();
  }
}
