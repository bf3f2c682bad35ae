import { DeadlineHeap } from './deadline-heap.js';
import type { PartitionStore } from './partition-store.js';
import type { TableWriter } from './staged-tables.js';

const DIGITS = 15;

/** One deadline a key, in an order that survives restarts: what changed since the checkpoint in memory, the rest on disk. */
export class Timers {
  /** Key → its deadline now; undefined where it has none any more. */
  readonly #fresh = new Map<string, number | undefined>();
  /** Those of the fresh that have one, and what they had before. */
  readonly #heap = new DeadlineHeap();
  /** All rows of the disk that come before are fresh. */
  #from = '';

  constructor(
    private readonly store: PartitionStore,
    /** Names the tables. */
    private readonly name: string,
  ) {}

  set(key: string, deadline: number | undefined): void {
    this.#fresh.set(key, deadline);
    if (deadline !== undefined) this.#heap.push({ at: deadline, key });
  }

  /** Takes out keys whose deadline is not after `now`, the earliest first, so many at most: they have none any more. */
  take(now: number, limit: number): readonly string[] {
    const taken: string[] = [];
    while (taken.length < limit) {
      const next = this.#next();
      if (!next || next.at > now) break;
      taken.push(next.key);
      this.#fresh.set(next.key, undefined);
    }
    return taken;
  }

  /** The earliest deadline of all. */
  next(): number | undefined {
    return this.#next()?.at;
  }

  checkpoint(writer: TableWriter): void {
    for (const [key, deadline] of this.#fresh) {
      const before = this.store.getFrom(this.#byKey, key);
      if (before !== undefined) writer.remove(this.name, orderedKey(Number(before), key));
      if (deadline === undefined) {
        writer.remove(this.#byKey, key);
      } else {
        writer.put(this.name, orderedKey(deadline, key), '');
        writer.put(this.#byKey, key, String(deadline));
      }
    }
    this.#fresh.clear();
    this.#heap.clear();
    this.#from = '';
  }

  #next() {
    let fresh = this.#heap.first;
    while (fresh && this.#fresh.get(fresh.key) !== fresh.at) {
      this.#heap.pop();
      fresh = this.#heap.first;
    }
    for (const { key: row } of this.store.range(this.name, this.#from)) {
      this.#from = row;
      const stored = { at: Number(row.slice(0, DIGITS)), key: row.slice(DIGITS + 1) };
      if (this.#fresh.has(stored.key)) continue;
      return fresh && fresh.at <= stored.at ? fresh : stored;
    }
    return fresh;
  }

  get #byKey(): string {
    return `${this.name}-by-key`;
  }
}

function orderedKey(deadline: number, key: string): string {
  return `${String(deadline).padStart(DIGITS, '0')} ${key}`;
}
