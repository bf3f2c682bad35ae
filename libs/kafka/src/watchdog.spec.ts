import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { StuckError, Watchdog, type WatchdogOptions } from './watchdog.js';

const STUCK_AFTER_MS = 30;
const running: Watchdog[] = [];

afterEach(() => {
  for (const watchdog of running.splice(0)) watchdog.stop();
});

function watch(options: Partial<WatchdogOptions>) {
  const seen = { errors: [] as StuckError[], looks: 0, asked: 0 };
  const watchdog = new Watchdog({
    stuckAfterMs: STUCK_AFTER_MS,
    positions: () => new Map([['orders/1', 3]]),
    onStuck: (error) => seen.errors.push(error),
    ...options,
    busy: () => {
      seen.looks += 1;
      return options.busy?.() ?? false;
    },
    logEnds: (topic) => {
      seen.asked += 1;
      return options.logEnds?.(topic) ?? Promise.resolve(new Map([[1, { end: 5 }]]));
    },
  });
  running.push(watchdog);
  watchdog.start();
  return seen;
}

describe('Watchdog', () => {
  it('reports a consumer that has lag and moves nothing', async () => {
    const seen = watch({});
    await eventually(() => seen.errors.length > 0);
    expect(seen.errors[0]).toBeInstanceOf(StuckError);
    expect(seen.errors[0]?.behind).toEqual(['orders/1 at 3 of 5']);
    expect(seen.errors[0]?.message).toContain('orders/1 at 3 of 5');
  });

  it('counts from when the lag was there, not from when the consumer last moved', async () => {
    let end = 3;
    const seen = watch({ logEnds: () => Promise.resolve(new Map([[1, { end }]])) });
    // Idle for far longer than a stuck consumer may be; then a record comes at the moment of a look.
    await eventually(() => seen.asked >= 9);
    end = 4;
    const before = seen.asked;
    await eventually(() => seen.errors.length > 0);
    expect(seen.asked - before).toBeGreaterThanOrEqual(3);
  });

  it('shows the lag of every partition at each look', async () => {
    const shown: unknown[] = [];
    watch({ onLag: (lags) => shown.push(lags), busy: () => true });
    await eventually(() => shown.length > 0);
    expect(shown[0]).toEqual([{ topic: 'orders', partition: 1, at: 3, end: 5 }]);
  });

  it('is content with a consumer that has no lag', async () => {
    const seen = watch({ logEnds: () => Promise.resolve(new Map([[1, { end: 3 }]])) });
    await eventually(() => seen.asked >= 3);
    expect(seen.errors).toEqual([]);
  });

  it('does not count partitions that others hold', async () => {
    const seen = watch({
      logEnds: () =>
        Promise.resolve(
          new Map([
            [0, { end: 9 }],
            [1, { end: 3 }],
          ]),
        ),
    });
    await eventually(() => seen.asked >= 3);
    expect(seen.errors).toEqual([]);
  });

  it('waits for a handler that is at work, however long', async () => {
    const seen = watch({ busy: () => true });
    await eventually(() => seen.looks >= 12);
    expect(seen.errors).toEqual([]);
  });

  it('does not blame the consumer while the broker gives no answer', async () => {
    const seen = watch({ logEnds: () => Promise.reject(new Error('no broker')) });
    await eventually(() => seen.asked >= 3);
    expect(seen.errors).toEqual([]);
  });
});
