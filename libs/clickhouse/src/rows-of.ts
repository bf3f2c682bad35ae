import { readerOf, type Topic } from '@tributary/contracts';
import type { Static } from 'typebox';
import type { LogRecord } from '@tributary/kafka';
import { ok } from '@tributary/kernel';
import type { RowMapping, SinkRow } from './table-sink.js';

/** What a topic's values may be. */
export type MessageOf<T extends Topic> = Static<T['schemas'][keyof T['schemas']]>;

/**
 * The mapping of a topic's messages to rows. Values are read against the schema that their header names, and what
 * matches none is refused; records without a value make no rows.
 */
export function rowsOf<T extends Topic>(
  topic: T,
  toRows: (message: MessageOf<T>, record: LogRecord) => readonly SinkRow[],
): RowMapping {
  const read = readerOf(topic);
  return (record) => {
    if (record.value === null) return ok([]);
    const message = read(record.value, record.headers.schema);
    return message.ok ? ok(toRows(message.value as MessageOf<T>, record)) : message;
  };
}

/** The columns that say where in the log a row comes from. */
export function originOf({ partition, offset }: Pick<LogRecord, 'partition' | 'offset'>) {
  return { kafka_partition: partition, kafka_offset: offset };
}
