import { DEFAULT_CLOCK_TOLERANCE_MS } from '@tributary/events';
import type { Clock } from '@tributary/kernel';

/** When a request came, in milliseconds since 1970, and the place of its first call in that millisecond. */
export interface Received {
  readonly receivedAt: number;
  readonly sequence: number;
}

/** A step back of this process's clock up to here is waited for; a larger one corrects a clock that was wrong. */
const LARGEST_WAIT_MS = 60_000;

/**
 * The order in which this process receives calls: the time, and within a millisecond a number that grows from call to
 * call. It never decreases, also where the clock steps back a little.
 */
export class Reception {
  #receivedAt = -Infinity;
  #next = 0;

  constructor(
    private readonly clock: Clock,
    /** How far the clock of a client may be wrong before its times are corrected. */
    readonly clockToleranceMs: number = DEFAULT_CLOCK_TOLERANCE_MS,
  ) {}

  /** Where the next call comes; {@link took} says how many came. */
  now(): Received {
    const now = this.clock.now();
    if (now > this.#receivedAt || now < this.#receivedAt - LARGEST_WAIT_MS) {
      this.#receivedAt = now;
      this.#next = 0;
    }
    return { receivedAt: this.#receivedAt, sequence: this.#next };
  }

  /** So many calls came at the place that {@link now} named. */
  took(calls: number): void {
    this.#next += calls;
  }
}
