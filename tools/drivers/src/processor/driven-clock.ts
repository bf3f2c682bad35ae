import type { Schedule } from '@tributary/state';

interface Timer {
  readonly at: number;
  readonly task: () => Promise<void>;
}

/** The clock of a driven processor: it stands still until it is moved. */
export class DrivenClock {
  readonly #timers = new Set<Timer>();
  #now: number;

  /** Stands at this instant, in milliseconds since 1970. */
  constructor(start = 1_700_000_000_000) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  readonly schedule: Schedule = (delayMs, task) => {
    const timer = { at: this.#now + delayMs, task };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  };

  /** Moves on by so many milliseconds. Runs what is due on the way, each at its instant and one after the other. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let timer = this.#due(end); timer; timer = this.#due(end)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      await timer.task();
    }
    this.#now = end;
  }

  /** Moves on and runs nothing, as for a process that sleeps: what is due by then runs with the next `advance`. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  #due(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end);
    return due.reduce<Timer | undefined>(
      (first, one) => (first && first.at <= one.at ? first : one),
      undefined,
    );
  }
}
