/** How often a member of a group fetches at most. */
export interface Pace {
  /** So long lie between two fetches of which the first brought little, in milliseconds. */
  readonly everyMs: number;
  /** A fetch that brought so many bytes is followed by the next at once: there is company enough. */
  readonly manyBytes: number;
}

/**
 * When the next fetch of a broker is due. Each costs the broker and this process about the same, whatever it brings: records that
 * come one by one would make a fetch each. The first after a silence goes at once, and so does one where the log is full.
 */
export class FetchPace {
  #notBefore = -Infinity;

  constructor(private readonly pace: Pace) {}

  /** Milliseconds until the next fetch may go. */
  dueIn(now: number): number {
    return Math.max(0, this.#notBefore - now);
  }

  /** A fetch that was sent at an instant brought so many bytes. */
  brought(bytes: number, sentAt: number): void {
    const { everyMs, manyBytes } = this.pace;
    this.#notBefore = bytes === 0 || bytes >= manyBytes ? -Infinity : sentAt + everyMs;
  }
}
