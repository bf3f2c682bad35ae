import type { StatementSync } from 'node:sqlite';
import type { Scratch } from '../scratch.js';
import { BoundedCache } from './bounded-cache.js';
import type { Erasure, LogEntry, Place, ShortEvent } from './event-reader.js';

const DAY_MS = 86_400_000;
const CACHED = 100_000;

interface KnownIdentifier {
  readonly id: number;
  firstSeen: number;
}

interface KnownPair {
  readonly firstSeen: number;
  readonly throughA: number | null;
  readonly throughB: number | null;
}

/** What was found in the log. */
export interface Intake {
  events: number;
  duplicates: number;
  /** Records that are no events: dead-lettered by everyone who reads the log. */
  unreadable: number;
}

/**
 * Takes the event log in, each partition in order, for all that is recomputed from it. Of events with one primary
 * identifier and deduplication id, received within a day of one that counts, only that one counts; who occurred with whom is
 * taken from all.
 */
export class EventIntake {
  readonly found: Intake = { events: 0, duplicates: 0, unreadable: 0 };
  /** By partition, the events in the log that are the first with their primary identifier and deduplication id. */
  readonly firsts = new Map<number, { readonly rows: number; readonly sum: number }>();
  readonly #identifiers = new BoundedCache<KnownIdentifier>(CACHED);
  readonly #pairs = new BoundedCache<KnownPair>(CACHED);
  /** By key, milliseconds since 1970: as many as were erased. */
  readonly erasedUntil: Map<string, number>;
  /** Keys of others on events that are erased: when they were first seen may follow from one of those. */
  readonly beside = new Set<string>();
  /** Places, `partition/offset`, of events that came after the erasure that they are from before: a row of one may stay. */
  readonly late = new Set<string>();
  readonly #read = new Set<string>();
  readonly #sql: Statements;

  /** `erasedUntil`: as far as it is known before. A partition may have a pair whose erasure is in another, which is read later. */
  constructor({ db }: Scratch, erasedUntil: ReadonlyMap<string, number> = new Map()) {
    this.erasedUntil = new Map(erasedUntil);
    const prepared = Object.entries(STATEMENTS).map(([name, sql]) => [name, db.prepare(sql)] as const);
    this.#sql = Object.fromEntries(prepared) as Statements;
  }

  take(entry: LogEntry): void {
    if (entry === null) this.found.unreadable += 1;
    else if ('erased' in entry) this.#erase(entry);
    else if (this.takeEvent(entry)) this.#noteFirst(entry);
  }

  /** Answers whether it is the first with its primary identifier and deduplication id. */
  takeEvent(event: ShortEvent): boolean {
    const isErased = (key: string) => event.receivedAt <= (this.erasedUntil.get(key) ?? -Infinity);
    if (isErased(event.keys[0] ?? '')) {
      for (const key of event.keys) if (!isErased(key)) this.beside.add(key);
      if (this.#read.has(event.keys[0] ?? '')) this.late.add(`${event.partition}/${event.offset}`);
      return false;
    }
    const left = this.erasedUntil.size === 0 ? event.keys : event.keys.filter((key) => !isErased(key));
    const ids = left.map((key) => this.#identifier(key, event.receivedAt));
    this.#noteTogether(ids, event.receivedAt, event.offset);
    const nth = this.#keep(event, ids);
    if (nth !== undefined && event.account !== null) this.#noteCall(event, ids);
    if (nth === undefined) this.found.duplicates += 1;
    else this.found.events += 1;
    return nth === 0;
  }

  #erase({ erased, until, partition }: Erasure): void {
    this.#read.add(erased);
    this.erasedUntil.set(erased, Math.max(until, this.erasedUntil.get(erased) ?? -Infinity));
    this.#sql.leave.run(erased);
    const gone = this.#sql.erase.all(erased) as { readonly nth: number; readonly offset: number }[];
    this.found.events -= gone.length;
    const firsts = gone.filter(({ nth }) => nth === 0);
    const { rows, sum } = this.firsts.get(partition) ?? { rows: 0, sum: 0 };
    if (firsts.length > 0)
      this.firsts.set(partition, {
        rows: rows - firsts.length,
        sum: firsts.reduce((left, { offset }) => left - offset, sum),
      });
  }

  #noteCall(event: ShortEvent, [primary = 0]: readonly number[]): void {
    const { account, offset, at, receivedAt, sequence, messageId, sourceId, accountTraits } = event;
    const order = [offset, at, receivedAt, sequence, messageId, sourceId];
    this.#sql.call.run(account, primary, ...order, accountTraits);
  }

  #noteFirst({ partition, offset }: Place): void {
    const { rows, sum } = this.firsts.get(partition) ?? { rows: 0, sum: 0 };
    this.firsts.set(partition, { rows: rows + 1, sum: sum + offset });
  }

  #identifier(key: string, receivedAt: number): number {
    const known = this.#identifiers.get(key);
    if (known && known.firstSeen <= receivedAt) return known.id;
    const row = this.#sql.identifier.get(key, receivedAt) as { id: number; first_seen: number };
    this.#identifiers.set(key, { id: row.id, firstSeen: row.first_seen });
    return row.id;
  }

  #noteTogether(ids: readonly number[], receivedAt: number, offset: number): void {
    for (const [i, x] of ids.entries()) {
      for (const y of ids.slice(i + 1)) {
        const [a, b] = x < y ? [x, y] : [y, x];
        const throughA = i === 0 && x === a ? offset : null;
        const throughB = i === 0 && x === b ? offset : null;
        const key = `${a} ${b}`;
        const known = this.#pairs.get(key);
        const isNews =
          !known ||
          receivedAt < known.firstSeen ||
          (known.throughA === null && throughA !== null) ||
          (known.throughB === null && throughB !== null);
        if (!isNews) continue;
        const row = this.#sql.pair.get(a, b, receivedAt, throughA, throughB);
        this.#pairs.set(key, row as unknown as KnownPair);
      }
    }
  }

  /** The how-manieth it is with its deduplication id, from 0; undefined for a duplicate, which does not count. */
  #keep(event: ShortEvent, ids: readonly number[]): number | undefined {
    const {
      messageId,
      deduplicationId,
      partition,
      offset,
      sourceId,
      at,
      receivedAt,
      sequence,
      traits,
      aggregates,
    } = event;
    const [primary = 0, ...rest] = ids;
    const others = rest.length > 0 ? JSON.stringify(rest) : null;
    const write = (nth: number) =>
      this.#sql.event.run(
        primary,
        deduplicationId,
        messageId === deduplicationId ? null : messageId,
        nth,
        partition,
        offset,
        sourceId,
        at,
        receivedAt,
        sequence,
        traits,
        others,
        aggregates,
      ).changes > 0;
    // Nearly all are the first with their deduplication id: that is asked by writing, not before it.
    if (write(0)) return 0;
    const same = this.#sql.same.all(primary, deduplicationId) as { readonly received_at: number }[];
    if (same.some(({ received_at: at }) => Math.abs(receivedAt - at) <= DAY_MS)) return undefined;
    write(same.length);
    return same.length;
  }
}

const STATEMENTS = {
  identifier: `INSERT INTO identifiers (key, first_seen) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET first_seen = min(first_seen, excluded.first_seen)
    RETURNING id, first_seen`,
  pair: `INSERT INTO pairs VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
      first_seen = min(first_seen, excluded.first_seen),
      through_a = coalesce(through_a, excluded.through_a),
      through_b = coalesce(through_b, excluded.through_b)
    RETURNING first_seen AS firstSeen, through_a AS throughA, through_b AS throughB`,
  same: 'SELECT received_at FROM events WHERE identifier = ? AND deduplication_id = ?',
  erase: `DELETE FROM events WHERE identifier = (SELECT id FROM identifiers WHERE key = ?)
    RETURNING nth, "offset"`,
  call: 'INSERT INTO group_calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)',
  leave: `UPDATE group_calls SET is_erased = 1
    WHERE identifier = (SELECT id FROM identifiers WHERE key = ?)`,
  event: 'INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
};

type Statements = Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;
