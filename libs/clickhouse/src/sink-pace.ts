export interface SinkPaceOptions {
  /** After a quiet time the first rows wait so many milliseconds for others. */
  readonly lingerMs: number;
  /** Tables that are filled all the time take their rows once in so many milliseconds. */
  readonly everyMs: number;
  /** A clock that never goes back, in milliseconds; that of the process unless given. */
  readonly now?: () => number;
}

/**
 * When the sinks of a service flush: all in the same rounds, since one fetch of Kafka brings the rows of several tables and
 * the next one waits for them all. An insert costs ClickHouse about as much as a thousand rows, and makes parts that are
 * merged; so there are few while there is much to do, and nobody waits long while there is little.
 */
export class SinkPace {
  readonly #options: SinkPaceOptions;
  readonly #now: () => number;
  #roundAt = -Infinity;

  constructor(options: SinkPaceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Milliseconds until rows that wait are flushed. */
  dueIn(): number {
    const { lingerMs, everyMs } = this.#options;
    return Math.max(lingerMs, Math.ceil(this.#roundAt + everyMs - this.#now()));
  }

  /** A sink flushes now: with it a round begins, unless one has just begun. Timers may be early. */
  flushed(): void {
    const { lingerMs, everyMs } = this.#options;
    const now = this.#now();
    if (now - this.#roundAt >= everyMs - lingerMs) this.#roundAt = now;
  }
}
