import type { PartitionStore, TableWriter } from '@tributary/state';

/** Turns are multiples of it, so that one wake serves many. */
const GRAIN_MS = 50;

/** How often a key is published. */
export interface Rhythm {
  /** A key that was not published lately waits so long for what else is said of it, in milliseconds. */
  readonly gatherMs: number;
  /** Then it is published at most once in so many milliseconds. */
  readonly everyMs: number;
}

/** When each key may be published: after what it gathers, and then once in so long. What waits is known over a restart. */
export class Pace {
  /** Key → when it was published last, oldest first; what is older than `everyMs` goes. */
  readonly #publishedAt = new Map<string, number>();
  /** Key → when its turn comes. */
  readonly #turns = new Map<string, number>();
  #next = Infinity;
  #atCheckpoint = new Set<string>();

  constructor(
    private readonly store: PartitionStore,
    private readonly rhythm: Rhythm,
    /** Names the table of what waits. */
    private readonly table = 'waiting',
  ) {}

  /** When the next turn comes; `Infinity` where none does. */
  get next(): number {
    return this.#next;
  }

  /** The keys that waited at the checkpoint. */
  restore(): readonly string[] {
    this.#atCheckpoint = new Set([...this.store.range(this.table, '')].map(({ value }) => value));
    return [...this.#atCheckpoint];
  }

  /** Whether the key may be published now, which counts as done; it waits for its turn otherwise. */
  isDue(key: string, now: number): boolean {
    this.#forget(now);
    if (this.#turns.has(key)) return false;
    const { gatherMs, everyMs } = this.rhythm;
    const before = this.#publishedAt.get(key);
    if (before === undefined && gatherMs === 0) {
      if (everyMs > 0) this.#publishedAt.set(key, now);
      return true;
    }
    const earliest = before === undefined ? now + gatherMs : before + everyMs;
    const turn = Math.ceil(earliest / GRAIN_MS) * GRAIN_MS;
    this.#turns.set(key, turn);
    this.#next = Math.min(this.#next, turn);
    return false;
  }

  /** The keys whose turn has come, which counts as published. */
  due(now: number): readonly string[] {
    const { gatherMs, everyMs } = this.rhythm;
    const furthest = now + Math.max(gatherMs, everyMs) + GRAIN_MS;
    const due: string[] = [];
    this.#next = Infinity;
    for (const [key, turn] of this.#turns) {
      // Further away than any turn is set: the clock has gone back.
      if (turn <= now || turn > furthest) due.push(key);
      else this.#next = Math.min(this.#next, turn);
    }
    for (const key of due) {
      this.#turns.delete(key);
      this.#publishedAt.delete(key);
      if (everyMs > 0) this.#publishedAt.set(key, now);
    }
    return due;
  }

  /** The key is no more. */
  drop(key: string): void {
    this.#turns.delete(key);
    this.#publishedAt.delete(key);
  }

  checkpoint(writer: TableWriter): void {
    for (const key of this.#atCheckpoint) if (!this.#turns.has(key)) writer.remove(this.table, key);
    for (const key of this.#turns.keys()) if (!this.#atCheckpoint.has(key)) writer.put(this.table, key, key);
    this.#atCheckpoint = new Set(this.#turns.keys());
  }

  #forget(now: number): void {
    for (const [key, at] of this.#publishedAt) {
      if (at <= now && at + this.rhythm.everyMs > now) break;
      this.#publishedAt.delete(key);
    }
  }
}
