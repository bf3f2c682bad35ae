import type { Batch, IHeaders, KafkaMessage } from 'kafkajs';
import { FetchedRecord } from './fetched-record.js';
import type { LogRecord } from './records.js';

export function toLogRecord(
  topic: string,
  partition: number,
  message: KafkaMessage | FetchedRecord,
): LogRecord {
  if (message instanceof FetchedRecord) {
    message.topic = topic;
    message.partition = partition;
    return message;
  }
  return {
    topic,
    partition,
    offset: Number(message.offset),
    key: message.key?.toString('utf8') ?? '',
    value: message.value,
    headers: toText(message.headers),
    timestamp: Number(message.timestamp),
  };
}

/** The records of a batch from an offset on. */
export function recordsFrom({ topic, partition, messages }: Batch, from: number): readonly LogRecord[] {
  return messages
    .map((message) => toLogRecord(topic, partition, message))
    .filter((record) => record.offset >= from);
}

function toText(headers: IHeaders | undefined): Readonly<Record<string, string>> {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) text[name] = typeof last === 'string' ? last : last.toString('utf8');
  }
  return text;
}
