import {
  epochKey,
  TOPICS,
  type AudienceChangeMessage,
  type ProfileMessage,
  type ScoreBordersMessage,
  type Topic,
} from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { parseScopedKey, scopedKey } from '@tributary/kernel';
import { InMemoryLog } from './in-memory.log.js';

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

/** The workspace of a scenario. */
export function workspaceOf(log: InMemoryLog): string {
  return parseScopedKey(log.records(TOPICS.assignments.name)[0]?.key ?? '').workspaceId;
}

/** Writes a record of a control topic behind the others. */
export function control(log: InMemoryLog, { name, schemas }: Topic, id: string, message: object): void {
  const [schema = ''] = Object.keys(schemas);
  const workspaceId = workspaceOf(log);
  const value = Buffer.from(JSON.stringify({ workspaceId, ...message }));
  const place = { topic: name, partition: 0, offset: 0, timestamp: Date.now() };
  log.append({ ...place, key: scopedKey(workspaceId, id), value, headers: { schema } });
}

/** The profile that u3 came to, of three identifiers. */
export const isThird = ({ identifiers, eventCount }: ProfileMessage) =>
  eventCount > 0 && identifiers.some(({ value }) => value === 'u3');

/** A copy in which the borders of the last score, of which there is none between two values, are others. */
export async function withBorders(
  scenario: InMemoryLog,
  borders: ScoreBordersMessage['borders'],
): Promise<InMemoryLog> {
  const log = await InMemoryLog.copyOf(scenario);
  const { record, value } = last<ScoreBordersMessage>(log, TOPICS.scoreBorders.name, () => true);
  log.replace(record, { ...value, borders });
  return log;
}
