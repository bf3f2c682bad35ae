import { messageOf, TOPICS, type EventMessage } from '@tributary/contracts';
import type { ProcessorDriver } from '@tributary/drivers';
import type { LogRecord } from '@tributary/kafka';
import type { BackFillOptions } from '../src/back-fill/back-fill.js';

interface Asked {
  readonly before: number;
  readonly rows: number;
  readonly identifier: string;
  readonly id: string;
  readonly isWithin: boolean;
}

/**
 * The table of events as it is once it has taken in a driver's log: of duplicates the smallest offset, in the order of its
 * key. It answers the one question of the back-fill, and fails while `isAway`.
 */
export class DrivenEventsTable {
  isAway = false;
  /** The next answer fails after so many others. */
  failAfter = Infinity;

  constructor(private readonly driver: () => Pick<ProcessorDriver<object>, 'logs'>) {}

  readonly query = ((request: { readonly query_params?: unknown }) => {
    this.failAfter -= 1;
    if (this.isAway || this.failAfter < 0) return Promise.reject(new Error('ClickHouse is away'));
    const rows = this.#rows(request.query_params as Asked);
    return Promise.resolve({ json: () => Promise.resolve(rows) });
  }) as unknown as BackFillOptions['clickhouse']['query'];

  #rows({ before, rows, identifier, id, isWithin }: Asked): readonly unknown[] {
    const events = this.driver()
      .logs.records(TOPICS.events)
      .map((record) => ({ record, event: messageOf(record) as EventMessage }));
    const kept = new Map<string, { readonly record: LogRecord; readonly event: EventMessage }>();
    for (const one of events) {
      const key = JSON.stringify([one.event.identifiers[0], one.event.messageId]);
      if (!kept.has(key)) kept.set(key, one);
    }
    return [...kept.values()]
      .map(({ record, event }) => rowOf(record, event))
      .filter((row) => row[3] < before)
      .filter((row) => row[0] > identifier || (isWithin && row[0] === identifier && row[1] > id))
      .sort((a, b) => (a[0] === b[0] ? (a[1] < b[1] ? -1 : 1) : a[0] < b[0] ? -1 : 1))
      .slice(0, rows);
  }
}

function rowOf({ partition, offset }: LogRecord, event: EventMessage) {
  return [
    event.identifiers[0] ?? '',
    event.messageId,
    partition,
    offset,
    event.type,
    event.event ?? '',
    event.name ?? '',
    Date.parse(event.timestamp),
    Date.parse(event.receivedAt),
    event.sequence ?? 0,
    JSON.stringify(event.properties ?? {}),
    JSON.stringify(event.traits ?? {}),
    JSON.stringify(event.context),
    event.messageId,
    event.sourceId,
  ] as const;
}
