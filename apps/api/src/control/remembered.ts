export interface RememberedOptions {
  /** So long what was read is good as it is. */
  readonly freshMs?: number;
  /** So long it is good while it is read again; then whoever asks waits. */
  readonly goodMs?: number;
  /** Entries that are kept at most. */
  readonly most?: number;
  /** A clock, in milliseconds; that of the process unless given. */
  readonly now?: () => number;
}

interface Entry<V> {
  readonly value: V;
  readonly at: number;
}

const FRESH_MS = 1_000;
const GOOD_MS = 2_000;
const MOST = 1_000;

/**
 * What many requests ask the database for and few change: as it was within the last two seconds. Requests that come at
 * once ask once; while what is known is good, nobody waits. What this process changes, it forgets.
 */
export class Remembered<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #reading = new Map<string, Promise<V>>();
  readonly #freshMs: number;
  readonly #goodMs: number;
  readonly #most: number;
  readonly #now: () => number;
  #changes = 0;

  constructor(
    private readonly read: (key: string) => Promise<V>,
    {
      freshMs = FRESH_MS,
      goodMs = GOOD_MS,
      most = MOST,
      now = () => performance.now(),
    }: RememberedOptions = {},
  ) {
    this.#freshMs = freshMs;
    this.#goodMs = goodMs;
    this.#most = most;
    this.#now = now;
  }

  /** Rejects where it had to be read and could not. */
  async get(key: string): Promise<V> {
    const known = this.#entries.get(key);
    const age = known ? this.#now() - known.at : Infinity;
    if (known && age < this.#freshMs) return known.value;
    const reading = this.#reading.get(key) ?? this.#readNow(key);
    if (!known || age >= this.#goodMs) return reading;
    reading.catch(() => undefined);
    return known.value;
  }

  /** What was read of a key, or of all, is not good any more; what is being read now is not either. */
  forget(key?: string): void {
    this.#changes += 1;
    this.#reading.clear();
    if (key === undefined) this.#entries.clear();
    else this.#entries.delete(key);
  }

  #readNow(key: string): Promise<V> {
    const changes = this.#changes;
    const at = this.#now();
    const reading = this.read(key)
      .then((value) => {
        if (changes === this.#changes) this.#keep(key, { value, at });
        return value;
      })
      .finally(() => {
        if (this.#reading.get(key) === reading) this.#reading.delete(key);
      });
    this.#reading.set(key, reading);
    return reading;
  }

  #keep(key: string, entry: Entry<V>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) break;
      this.#entries.delete(oldest);
    }
  }
}
