import { performance } from 'node:perf_hooks';

/** How far a consumer is in one partition: the next offset to handle, and the next that is written. */
export interface Lag {
  readonly topic: string;
  readonly partition: number;
  readonly at: number;
  readonly end: number;
}

export interface WatchdogOptions {
  readonly stuckAfterMs: number;
  /** `topic/partition` → the next offset to handle. */
  readonly positions: () => ReadonlyMap<string, number> | Promise<ReadonlyMap<string, number>>;
  /** Whether a handler is at work: a slow one is not a stuck consumer. */
  readonly busy: () => boolean;
  readonly logEnds: (topic: string) => Promise<ReadonlyMap<number, { readonly end: number }>>;
  readonly onStuck: (error: StuckError) => void;
  /** Takes the lag of every partition, at each look that the broker answers. */
  readonly onLag?: ((lags: readonly Lag[]) => void) | undefined;
}

/** Since when a partition has had lag at one and the same offset. */
interface Standstill {
  readonly at: number;
  readonly since: number;
}

/**
 * Ends a process whose consumer has lag in a partition and has moved nothing of it for a while: kafkajs can stop
 * without a word. It looks three times in that while, and what counts is since when it saw the lag: a record that comes
 * after a long silence has the whole time, too.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #standstills = new Map<string, Standstill>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), this.#options.stuckAfterMs / 3);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Something was handled. */
  moved(): void {
    this.#standstills.clear();
  }

  async #look(): Promise<void> {
    const lags = await this.#lags();
    if (this.#timer === undefined) return;
    // After an outage the consumer has its time again: it cannot have found its way back before this did.
    if (!lags || this.#options.busy()) this.moved();
    if (!lags) return;
    this.#options.onLag?.(lags);
    const behind = lags.filter(({ at, end }) => at < end);
    const now = performance.now();
    const earlier = new Map(this.#standstills);
    this.#standstills.clear();
    for (const { topic, partition, at } of behind) {
      const place = `${topic}/${partition}`;
      const before = earlier.get(place);
      this.#standstills.set(place, before?.at === at ? before : { at, since: now });
    }
    const { stuckAfterMs, onStuck } = this.#options;
    if ([...this.#standstills.values()].some(({ since }) => now - since >= stuckAfterMs)) {
      const places = behind.map(
        ({ topic, partition, at, end }) => `${topic}/${partition} at ${at} of ${end}`,
      );
      onStuck(new StuckError(places, stuckAfterMs));
    }
  }

  /** Undefined while the broker does not answer: then the way to it is at fault, not the consumer. */
  async #lags(): Promise<readonly Lag[] | undefined> {
    try {
      const positions = await this.#options.positions();
      const topics = new Set([...positions.keys()].map((place) => place.slice(0, place.lastIndexOf('/'))));
      const lags: Lag[] = [];
      for (const topic of topics) {
        for (const [partition, { end }] of await this.#options.logEnds(topic)) {
          const at = positions.get(`${topic}/${partition}`);
          if (at !== undefined) lags.push({ topic, partition, at, end });
        }
      }
      return lags;
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
