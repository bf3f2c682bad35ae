import { parseScopedKey } from '@tributary/kernel';
import type { Scratch } from '../scratch.js';
import type { Activations } from './activations.js';
import type { ReadValue } from './event-reader.js';

/** One event that counts, of a profile; times in milliseconds since 1970. */
export interface PastEvent {
  /** `workspaceId/namespace:value`. */
  readonly primary: string;
  /** The others on it, `workspaceId/namespace:value`; without it those who are not of the same profile. */
  readonly others: readonly { readonly id: number; readonly key: string | undefined }[];
  readonly partition: number;
  readonly offset: number;
  readonly messageId: string;
  readonly deduplicationId: string;
  readonly sourceId: string;
  readonly at: number;
  readonly receivedAt: number;
  readonly sequence: number;
  /** Of an identify call. */
  readonly traits: Readonly<Record<string, unknown>> | undefined;
  /** The aggregates that it is one of, by hash, that counted it. */
  readonly aggregates: readonly string[];
  /** By hash, what an aggregate reads of it. */
  readonly values: Readonly<Record<string, ReadValue>>;
  /** Those of them by whose present bound it was counted, with this bound: so many of an identifier are kept. */
  readonly kept: Readonly<Record<string, number>>;
}

/** A profile as the log has it: all events of those who belong to it, by event time, order of reception and messageId. */
export interface History {
  /** `workspaceId/profileId`. */
  readonly profile: string;
  readonly component: number;
  readonly events: readonly PastEvent[];
}

const IDENTIFIERS = 'SELECT id, key, profile, component FROM identifiers WHERE profile >= ? ORDER BY profile';
const OF_PROFILE = 'SELECT id, key, profile, component FROM identifiers WHERE profile = ?';
const EVENTS = `SELECT partition, "offset", deduplication_id, message_id, source_id, at, received_at, sequence, nth, traits, others, aggregates
  FROM events WHERE identifier = ?`;

interface IdentifierRow {
  readonly id: number;
  readonly key: string;
  readonly profile: string;
  readonly component: number;
}

interface EventRow {
  readonly partition: number;
  readonly offset: number;
  readonly deduplication_id: string;
  readonly message_id: string | null;
  readonly source_id: string;
  readonly at: number;
  readonly received_at: number;
  readonly sequence: number;
  readonly nth: number;
  readonly traits: string | null;
  readonly others: string | null;
  readonly aggregates: string | null;
}

/** One profile there should be, with all its events. */
export function historyOf({ db }: Scratch, activations: Activations, profile: string): readonly PastEvent[] {
  const rows = db.prepare(OF_PROFILE).all(profile) as unknown as IdentifierRow[];
  const events = db.prepare(EVENTS);
  const keys = new Map(rows.map(({ id, key }) => [id, key]));
  return rows.flatMap(({ id, key }) =>
    (events.all(id) as unknown as EventRow[]).map((row) => toEvent(key, row, keys, activations)),
  );
}

/** Every profile there should be, in the order of their keys, one in memory at a time. */
export function* histories(
  { db }: Scratch,
  activations: Activations,
  isWanted: (profile: string) => boolean,
): Iterable<History> {
  const events = db.prepare(EVENTS);
  const history = (rows: readonly IdentifierRow[]): History | undefined => {
    const [first] = rows;
    if (!first || !isWanted(first.profile)) return undefined;
    const keys = new Map(rows.map(({ id, key }) => [id, key]));
    const eventsOf = ({ id, key }: IdentifierRow) =>
      (events.all(id) as unknown as EventRow[]).map((row) => toEvent(key, row, keys, activations));
    return {
      profile: first.profile,
      component: first.component,
      events: rows.flatMap(eventsOf).sort(byTime),
    };
  };
  let rows: IdentifierRow[] = [];
  for (const row of db.prepare(IDENTIFIERS).iterate('') as unknown as Iterable<IdentifierRow>) {
    if (rows[0] && rows[0].profile !== row.profile) {
      const whole = history(rows);
      if (whole) yield whole;
      rows = [];
    }
    rows.push(row);
  }
  const last = history(rows);
  if (last) yield last;
}

/** The latest events of a profile, for a person who looks for the cause of a difference. */
export function eventsBehind({ events }: Pick<History, 'events'>, count = 5): readonly string[] {
  return events
    .slice(-count)
    .map(({ partition, offset, messageId }) => `${partition}/${offset} ${messageId}`);
}

function toEvent(
  primary: string,
  row: EventRow,
  keys: ReadonlyMap<number, string>,
  activations: Activations,
): PastEvent {
  const others = row.others === null ? [] : (JSON.parse(row.others) as number[]);
  const values = row.aggregates === null ? {} : (JSON.parse(row.aggregates) as Record<string, ReadValue>);
  const { workspaceId } = parseScopedKey(primary);
  const counted = Object.keys(values).flatMap((hash) => {
    const by = activations.at(workspaceId, hash, row);
    return by ? [{ hash, ...by }] : [];
  });
  return {
    primary,
    others: others.map((id) => ({ id, key: keys.get(id) })),
    partition: row.partition,
    offset: row.offset,
    messageId: row.message_id ?? row.deduplication_id,
    deduplicationId: row.deduplication_id,
    sourceId: row.source_id,
    at: row.at,
    receivedAt: row.received_at,
    sequence: row.sequence,
    traits: row.traits === null ? undefined : (JSON.parse(row.traits) as Record<string, unknown>),
    aggregates: counted.map(({ hash }) => hash),
    values,
    kept: Object.fromEntries(counted.filter(({ isLast }) => isLast).map(({ hash, bound }) => [hash, bound])),
  };
}

/** By event time, order of reception and messageId. */
export function byTime(a: PastEvent, b: PastEvent): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.receivedAt !== b.receivedAt) return a.receivedAt - b.receivedAt;
  if (a.sequence !== b.sequence) return a.sequence - b.sequence;
  return a.messageId === b.messageId ? 0 : a.messageId < b.messageId ? -1 : 1;
}
