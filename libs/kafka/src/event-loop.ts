import { setImmediate } from 'node:timers/promises';

let last: Promise<unknown> = Promise.resolve();

/**
 * Resolves when it is the caller's turn in this process: one caller in each round of the event loop. Work that holds up
 * the loop, such as the fold of a fetched batch, asks for its turn first; else a fetch of many partitions is handled in
 * one go, and no heartbeat and no answer passes until all of it is done.
 */
export function yieldToEventLoop(): Promise<unknown> {
  last = last.then(() => setImmediate());
  return last;
}
