import { EpochReader, type Topic } from '@tributary/contracts';
import { logBounds, readRanges, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import type { Static } from 'typebox';

/** The names of a topic's schemas. */
export type SchemaOf<T extends Topic> = keyof T['schemas'] & string;

/** What a topic holds under one of its schemas. */
export type MessageOf<T extends Topic, S extends SchemaOf<T>> = Static<T['schemas'][S]>;

/** The message of a record; undefined where the record removes its key, or is of another topic or schema. */
export function messageOf<T extends Topic, S extends SchemaOf<T>>(
  { name }: T,
  schema: S,
  { topic, value, headers }: LogRecord,
): MessageOf<T, S> | undefined {
  if (topic !== name || !value || headers.schema !== schema) return undefined;
  return JSON.parse(value.toString('utf8')) as MessageOf<T, S>;
}

/** Hands over everything that is in a topic now, each partition in order. */
export async function readTopic(
  connection: KafkaConnection,
  { name }: Pick<Topic, 'name'>,
  onRecord: (record: LogRecord) => void,
): Promise<void> {
  const bounds = [...(await logBounds(connection, name))];
  const ranges = new Map(bounds.map(([partition, { start, end }]) => [partition, { from: start, to: end }]));
  await readRanges(connection, name, ranges, onRecord);
}

/** Every message of a schema that is in a topic now, those of each partition in order; of a topic with epochs, what is news. */
export async function readMessages<T extends Topic, S extends SchemaOf<T>>(
  connection: KafkaConnection,
  topic: T,
  schema: S,
): Promise<readonly MessageOf<T, S>[]> {
  const messages: MessageOf<T, S>[] = [];
  const reader = topic.epochs && new EpochReader();
  await readTopic(connection, topic, (record) => {
    if (reader && !reader.isNews(record)) return;
    const message = messageOf(topic, schema, record);
    if (message !== undefined) messages.push(message);
  });
  return messages;
}
