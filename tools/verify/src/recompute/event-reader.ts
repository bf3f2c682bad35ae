import {
  compileAggregate,
  compileValue,
  scalarsOf,
  type Aggregate,
  type EventTest,
  type MatchableEvent,
} from '@tributary/audiences';
import { isErasure, validateEventHeaders, type EventMessage } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { parseScopedKey, scopedKey } from '@tributary/kernel';
import { accountNamedBy } from '@tributary/profiles';

/** Where an event lies in the log. */
export type Place = Pick<LogRecord, 'partition' | 'offset'>;

/** What counts of an event; times in milliseconds since 1970. */
export interface ShortEvent extends Place {
  /** `workspaceId/namespace:value`, the primary one first. */
  readonly keys: readonly string[];
  readonly messageId: string;
  /** What duplicates have in common: the messageId, unless the source names a property. */
  readonly deduplicationId: string;
  readonly sourceId: string;
  readonly at: number;
  readonly receivedAt: number;
  /** The place among what the collector received in the same millisecond. */
  readonly sequence: number;
  /** Of an identify call, as JSON. */
  readonly traits: string | null;
  /** Of a group call that names an account: `workspaceId/group_id:<groupId>`. */
  readonly account: string | null;
  /** Of the same, what it says of the account's traits, as JSON. */
  readonly accountTraits: string | null;
  /** The aggregates that it is one of: their hashes and the values that they read, as a JSON object; null for none. */
  readonly aggregates: string | null;
}

/** What an aggregate reads of an event. */
export interface ReadValue {
  readonly values: readonly (string | number | boolean)[];
  /** Neither of a list nor one of several. */
  readonly isSingle: boolean;
}

/** An erasure: the events of the key before it are forgotten, and those behind it received at `until` or before. */
export interface Erasure extends Place {
  readonly erased: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Null for what is no event: dead-lettered by everyone who reads the log. */
export type LogEntry = ShortEvent | Erasure | null;

/** The aggregates that events are tried on. */
export interface WantedAggregate {
  readonly workspaceId: string;
  readonly aggregate: Aggregate;
}

/** Reads off the records of the event log what counts of them. What it answers may go through JSON. */
export class EventReader {
  readonly #wanted: readonly {
    readonly workspaceId: string;
    readonly hash: string;
    readonly is: EventTest;
    readonly valueOf: (event: MatchableEvent) => unknown;
  }[];

  constructor(wanted: readonly WantedAggregate[]) {
    const once = new Map(wanted.map((each) => [scopedKey(each.workspaceId, each.aggregate.hash), each]));
    this.#wanted = [...once.values()].map(({ workspaceId, aggregate }) => ({
      workspaceId,
      hash: aggregate.hash,
      is: compileAggregate(aggregate),
      valueOf: compileValue(aggregate),
    }));
  }

  read(record: LogRecord): LogEntry {
    if (isErasure(record)) return readErasure(record);
    const event = readEvent(record);
    return event ? this.shorten(event, record) : null;
  }

  shorten(event: EventMessage, { partition, offset }: Place): ShortEvent {
    const { workspaceId, messageId, deduplicationId = messageId, sourceId } = event;
    const accountId = accountNamedBy(event);
    const aggregates = this.#wanted.filter(
      (aggregate) => aggregate.workspaceId === workspaceId && aggregate.is(event),
    );
    return {
      partition,
      offset,
      keys: event.identifiers.map((id) => scopedKey(workspaceId, id)),
      messageId,
      deduplicationId,
      sourceId,
      at: Date.parse(event.timestamp),
      receivedAt: Date.parse(event.receivedAt),
      sequence: event.sequence ?? 0,
      traits: event.type === 'identify' && event.traits ? JSON.stringify(event.traits) : null,
      account: accountId === undefined ? null : scopedKey(workspaceId, accountId),
      accountTraits: accountId === undefined ? null : JSON.stringify(event.traits ?? {}),
      aggregates:
        aggregates.length > 0
          ? JSON.stringify(
              Object.fromEntries(aggregates.map(({ hash, valueOf }) => [hash, toReadValue(valueOf(event))])),
            )
          : null,
    };
  }
}

/** What there is to count in a value, and whether it is one that stands alone. */
function toReadValue(value: unknown): ReadValue {
  const values = scalarsOf(value);
  return { values, isSingle: values.length === 1 && !Array.isArray(value) };
}

/** What the headers alone say: who occurred together and when. Null for what is no event. */
export function readHeaders(record: LogRecord): LogEntry {
  const { partition, offset, key, headers } = record;
  if (isErasure(record)) return readErasure(record);
  if (validateEventHeaders(record) !== undefined) return null;
  const { workspaceId } = parseScopedKey(key);
  const { messageId = '', deduplicationId = messageId } = headers;
  const receivedAt = Date.parse(headers.receivedAt ?? '');
  const identifiers = JSON.parse(headers.identifiers ?? '') as readonly string[];
  return {
    ...{ partition, offset, at: receivedAt, receivedAt },
    keys: identifiers.map((id) => scopedKey(workspaceId, id)),
    messageId,
    deduplicationId,
    ...{ sequence: 0, sourceId: '', traits: null, account: null, accountTraits: null, aggregates: null },
  };
}

function readErasure(record: LogRecord): LogEntry {
  if (validateEventHeaders(record) !== undefined) return null;
  const { partition, offset, key, headers } = record;
  return { partition, offset, erased: key, until: Date.parse(headers.until ?? '') };
}

function readEvent({ key, value }: LogRecord): EventMessage | undefined {
  try {
    const event = JSON.parse(value?.toString('utf8') ?? '') as EventMessage;
    return key === scopedKey(event.workspaceId, event.identifiers[0] ?? '') ? event : undefined;
  } catch {
    return undefined;
  }
}
