import { compileLeaf, type EventTest } from '@tributary/audiences';
import type { EventMessage, LeafAnnouncement } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import type { StatementSync } from 'node:sqlite';
import type { Scratch } from '../scratch.js';
import { Announcements } from './announcements.js';
import { BoundedCache } from './bounded-cache.js';
import type { Audience } from './definitions.js';

const DAY_MS = 86_400_000;
const CACHED = 200_000;

interface KnownIdentifier {
  readonly id: number;
  firstSeen: number;
}

interface KnownPair {
  readonly firstSeen: number;
  readonly throughA: number | null;
  readonly throughB: number | null;
}

interface Wanted {
  readonly workspaceId: string;
  readonly hash: string;
  readonly matches: EventTest;
}

/** Where an event lies in the log. */
export type Place = Pick<LogRecord, 'partition' | 'offset'>;

/** What was found in the log. */
export interface Intake {
  events: number;
  copies: number;
  /** Records that are no events: set aside by everyone who reads the log. */
  unreadable: number;
}

/**
 * Takes the event log in, each partition in order, for all that is recomputed from it. Of events with one primary
 * identifier and messageId, received within a day of one that counts, only that one counts; who occurred with whom is
 * taken from all.
 */
export class EventIntake {
  readonly found: Intake = { events: 0, copies: 0, unreadable: 0 };
  readonly #identifiers = new BoundedCache<KnownIdentifier>(CACHED);
  readonly #pairs = new BoundedCache<KnownPair>(CACHED);
  readonly #wanted: ReadonlyMap<string, Wanted>;
  readonly #announcements = new Announcements();
  readonly #sql: Statements;

  constructor({ db }: Scratch, audiences: Iterable<Audience>) {
    const wanted = new Map<string, Wanted>();
    for (const { workspaceId, leaves } of audiences) {
      for (const leaf of leaves) {
        const matches = compileLeaf(leaf);
        wanted.set(scopedKey(workspaceId, leaf.hash), { workspaceId, hash: leaf.hash, matches });
      }
    }
    this.#wanted = wanted;
    const prepared = Object.entries(STATEMENTS).map(([name, sql]) => [name, db.prepare(sql)] as const);
    this.#sql = Object.fromEntries(prepared) as Statements;
  }

  /** Where the leaves that it knows were announced. */
  get announcements(): Announcements {
    return this.#announcements;
  }

  take(record: LogRecord): void {
    if (record.headers.schema === 'leaf-announcement@1') {
      const { workspaceId, leaf } = JSON.parse(record.value?.toString('utf8') ?? '') as LeafAnnouncement;
      this.#announcements.add(scopedKey(workspaceId, leaf), record);
      return;
    }
    const event = readEvent(record);
    if (event) this.takeEvent(event, record);
    else this.found.unreadable += 1;
  }

  takeEvent(event: EventMessage, place: Place): void {
    const receivedAt = Date.parse(event.receivedAt);
    const ids = event.identifiers.map((id) => this.#identifier(scopedKey(event.workspaceId, id), receivedAt));
    this.#noteTogether(ids, receivedAt, place.offset);
    const [primary = 0, ...others] = ids;
    if (this.#isCopy(primary, event.messageId, receivedAt)) {
      this.found.copies += 1;
      return;
    }
    this.found.events += 1;
    this.#keep(place, event, primary, others);
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

  #isCopy(primary: number, messageId: string, receivedAt: number): boolean {
    const kept = this.#sql.copies.all(primary, messageId) as { received_at: number }[];
    return kept.some(({ received_at: at }) => Math.abs(receivedAt - at) <= DAY_MS);
  }

  #keep(place: Place, event: EventMessage, primary: number, others: readonly number[]): void {
    const leaves = [...this.#wanted.values()]
      .filter(({ workspaceId, matches }) => workspaceId === event.workspaceId && matches(event))
      .map(({ hash }) => hash);
    this.#sql.event.run(
      primary,
      place.partition,
      place.offset,
      event.messageId,
      event.sourceId,
      Date.parse(event.timestamp),
      Date.parse(event.receivedAt),
      event.type === 'identify' && event.traits ? JSON.stringify(event.traits) : null,
      JSON.stringify(others),
      leaves.length > 0 ? JSON.stringify(leaves) : null,
    );
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
  copies: 'SELECT received_at FROM events WHERE identifier = ? AND message_id = ?',
  event: 'INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
};

type Statements = Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;

/** Undefined for what is no event: who reads the log sets it aside. */
function readEvent({ key, value }: LogRecord): EventMessage | undefined {
  try {
    const event = JSON.parse(value?.toString('utf8') ?? '') as EventMessage;
    return key === scopedKey(event.workspaceId, event.identifiers[0] ?? '') ? event : undefined;
  } catch {
    return undefined;
  }
}
