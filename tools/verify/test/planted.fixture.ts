import { epochKey, TOPICS, type AudienceChangeMessage } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import type { InMemoryLog } from './in-memory.log.js';

/** The value of a record. */
export function parsed(record: LogRecord): unknown {
  return JSON.parse(record.value?.toString('utf8') ?? 'null');
}

/** The last record of a topic of which something holds. */
export function last<T>(
  log: InMemoryLog,
  topic: string,
  is: (value: T) => boolean,
): { record: LogRecord; value: T } {
  const record = log.records(topic).findLast((each) => each.value !== null && is(parsed(each) as T));
  if (!record) throw new Error(`no such record in ${topic}`);
  return { record, value: parsed(record) as T };
}

/** The last change that was told. */
export const lastChange = (log: InMemoryLog) =>
  last<AudienceChangeMessage>(log, TOPICS.changes.name, (each) => 'id' in each);

/** Begins an epoch after that of a record, in its topic and partition. */
export function takeOver(log: InMemoryLog, record: LogRecord): void {
  const headers = { schema: 'epoch@1', epoch: String(Number(record.headers.epoch) + 1) };
  log.append({ ...record, key: epochKey(record.partition), value: Buffer.from('{}'), headers });
}
