import { performance } from 'node:perf_hooks';

export interface WatchdogOptions {
  readonly stuckAfterMs: number;
  /** `topic/partition` → the next offset to handle. */
  readonly positions: () => ReadonlyMap<string, number> | Promise<ReadonlyMap<string, number>>;
  /** Whether a handler is at work: a slow one is not a stuck consumer. */
  readonly busy: () => boolean;
  readonly logEnds: (topic: string) => Promise<ReadonlyMap<number, { readonly end: number }>>;
  readonly onStuck: (error: StuckError) => void;
}

/** Ends a process whose consumer has lag and has moved nothing for a while: kafkajs can stop without a word. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #timer: NodeJS.Timeout | undefined;
  #lastMove = performance.now();

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  start(): void {
    this.moved();
    this.#timer = setInterval(() => void this.#look(), this.#options.stuckAfterMs / 3);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Something was handled. */
  moved(): void {
    this.#lastMove = performance.now();
  }

  async #look(): Promise<void> {
    if (this.#options.busy()) {
      this.moved();
      return;
    }
    if (performance.now() - this.#lastMove < this.#options.stuckAfterMs) return;
    const behind = await this.#behind();
    // After an outage the consumer has its time again: it cannot have found its way back before this did.
    if (behind === undefined || behind.length === 0) this.moved();
    else if (performance.now() - this.#lastMove >= this.#options.stuckAfterMs) {
      this.#options.onStuck(new StuckError(behind, this.#options.stuckAfterMs));
    }
  }

  /** Undefined while the broker does not answer: then the way to it is at fault, not the consumer. */
  async #behind(): Promise<readonly string[] | undefined> {
    try {
      const positions = await this.#options.positions();
      const topics = new Set([...positions.keys()].map((place) => place.slice(0, place.lastIndexOf('/'))));
      const behind: string[] = [];
      for (const topic of topics) {
        for (const [partition, { end }] of await this.#options.logEnds(topic)) {
          const at = positions.get(`${topic}/${partition}`);
          if (at !== undefined && at < end) behind.push(`${topic}/${partition} at ${at} of ${end}`);
        }
      }
      return behind;
    } catch {
      return undefined;
    }
  }
}

/** There is work, and the consumer does none. */
export class StuckError extends Error {
  constructor(
    readonly behind: readonly string[],
    readonly stuckAfterMs: number,
  ) {
    super(`nothing was consumed for ${stuckAfterMs} ms although there is lag: ${behind.join(', ')}`);
    this.name = 'StuckError';
  }
}
