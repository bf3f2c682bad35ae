import type { LogRecord } from '@tributary/kafka';
import type { PartitionStore, TableWriter } from '@tributary/state';

const DAY_MS = 86_400_000;
/** How long the first of an identifier and id is remembered. A day at most: the days beside its own are looked at. */
export const DUPLICATES_REMEMBERED_MS = DAY_MS;
/** Days are tables in a ring; a window of a day spans two, one more may be late, one is being cleared. */
const RING = 4;
/** Characters of a key that a store keeps as they are, however long it is. */
const SAFE_PREFIX = 250;

interface Kept {
  readonly offset: number;
  readonly receivedAt: number;
}

/**
 * Knows duplicates: of the same identifier and deduplicationId, or messageId where there is none, within 24 hours, the first
 * in the log counts. An entry keeps the
 * offset of the first, and only a later offset is a duplicate, so a replay never drops the original.
 */
export class Duplicates {
  readonly #fresh = new Map<string, Kept>();
  /** The days of which anything was ever kept: most have no neighbour. */
  readonly #days = new Set<number>();
  /** Table and key of what goes with the next checkpoint. */
  readonly #forgotten = new Set<string>();
  #newestDay = -1;
  #clearedFor = -1;

  constructor(private readonly store: PartitionStore) {
    for (let place = 0; place < RING; place += 1) {
      for (let day = firstDay(store, place, ''); day !== undefined; day = firstDay(store, place, `${day}!`)) {
        this.#days.add(day);
      }
    }
  }

  /** Whether the record is a duplicate; remembers it when it is not. */
  isDuplicate(record: LogRecord): boolean {
    const receivedAt = Date.parse(record.headers.receivedAt ?? '');
    const { deduplicationId, messageId = '' } = record.headers;
    const id = `${record.key}\n${deduplicationId ?? messageId}`;
    const day = Math.floor(receivedAt / DAY_MS);
    for (const near of [day, day - 1, day + 1]) {
      const kept = this.#kept(near, id);
      if (kept && Math.abs(receivedAt - kept.receivedAt) <= DUPLICATES_REMEMBERED_MS)
        return record.offset > kept.offset;
    }
    this.#fresh.set(entryKey(day, id), { offset: record.offset, receivedAt });
    this.#days.add(day);
    this.#newestDay = Math.max(this.#newestDay, day);
    return false;
  }

  /** Knows nothing of a scoped identifier any more. */
  forget(key: string): void {
    for (const day of this.#days) {
      // Longer keys are stored short; who shares the beginning of so long a one is forgotten with it.
      const prefix = `${day} ${key}\n`.slice(0, SAFE_PREFIX);
      const table = tableOf(day);
      for (const { key: stored } of this.store.range(table, prefix, `${prefix}\uffff`))
        this.#forgotten.add(`${table} ${stored}`);
      for (const fresh of this.#fresh.keys()) if (fresh.startsWith(prefix)) this.#fresh.delete(fresh);
    }
  }

  checkpoint(writer: TableWriter): void {
    if (this.#newestDay > this.#clearedFor) {
      writer.clear(tableOf(this.#newestDay + 1));
      this.#clearedFor = this.#newestDay;
    }
    for (const place of this.#forgotten) {
      const space = place.indexOf(' ');
      writer.remove(place.slice(0, space), place.slice(space + 1));
    }
    this.#forgotten.clear();
    for (const [key, kept] of this.#fresh) {
      writer.put(tableOf(dayOf(key)), key, `${kept.offset} ${kept.receivedAt}`);
    }
    this.#fresh.clear();
  }

  #kept(day: number, id: string): Kept | undefined {
    if (!this.#days.has(day)) return undefined;
    const key = entryKey(day, id);
    const fresh = this.#fresh.get(key);
    if (fresh) return fresh;
    if (this.#forgotten.has(`${tableOf(day)} ${key}`)) return undefined;
    const [offset, receivedAt] = (this.store.getFrom(tableOf(day), key) ?? '').split(' ').map(Number);
    return offset === undefined || receivedAt === undefined ? undefined : { offset, receivedAt };
  }
}

function entryKey(day: number, id: string): string {
  return `${day} ${id}`;
}

/** The day of the first entry from a key on; `!` comes after the space behind a day. */
function firstDay(store: PartitionStore, place: number, start: string): number | undefined {
  for (const { key } of store.range(tableOf(place), start)) return dayOf(key);
  return undefined;
}

function dayOf(key: string): number {
  return Number(key.slice(0, key.indexOf(' ')));
}

function tableOf(day: number): string {
  return `duplicates-${((day % RING) + RING) % RING}`;
}
