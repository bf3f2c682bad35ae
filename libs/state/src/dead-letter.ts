import { TOPICS, type DeadLetterMessage } from '@tributary/contracts';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { toInstant } from '@tributary/kernel';
import { createHash } from 'node:crypto';

/** Says what is wrong with a record, so that it cannot be folded; undefined where nothing is. Pure. */
export type RecordValidator = (record: LogRecord) => string | undefined;

/** A record that was kept aside, for those who count and log. */
export interface DeadLetterNews {
  readonly processor: string;
  readonly topic: string;
  readonly partition: number;
  /** Absent of a record of the processor's own that the broker refused. */
  readonly offset?: number;
  readonly error: string;
}

interface Unreadable {
  readonly record: LogRecord;
  readonly error: string;
}

/** Of a larger value the beginning is kept: the bytes are in the input itself as long as that is kept. */
const MOST_BYTES = 500_000;

/** Parts a batch into what its validator lets pass, and what is to be dead-lettered. */
export function validated(
  batch: PartitionBatch,
  validate: RecordValidator | undefined,
): { readonly readable: PartitionBatch; readonly unreadable: readonly Unreadable[] } {
  if (!validate) return { readable: batch, unreadable: [] };
  const unreadable: Unreadable[] = [];
  const records = batch.records.filter((record) => {
    const error = validate(record);
    if (error !== undefined) unreadable.push({ record, error });
    return error === undefined;
  });
  return unreadable.length === 0
    ? { readable: batch, unreadable }
    : { readable: { ...batch, records }, unreadable };
}

/** The record that keeps aside what a processor made and the broker refused as too large: a replay writes the same again. */
export function refusedRecord(
  processor: string,
  { topic, partition, key, value, headers }: OutgoingRecord & { readonly partition: number },
  at: number,
): OutgoingRecord {
  const bytes = Buffer.from(value ?? '');
  const message: DeadLetterMessage = {
    ...{ workspaceId: '@', processor, topic, partition, at: toInstant(at) },
    error: `the broker refuses a record of ${bytes.length} bytes as too large`,
    key: Buffer.from(key).toString('base64'),
    value: bytes.subarray(0, MOST_BYTES).toString('base64'),
    ...(bytes.length > MOST_BYTES ? { cutFrom: bytes.length } : {}),
    headers: { ...headers },
  };
  return {
    topic: TOPICS.deadLetters.name,
    key: [processor, topic, partition, 'refused', createHash('sha256').update(key).digest('hex')].join('/'),
    value: JSON.stringify(message),
    headers: { schema: 'dead-letter@1' },
  };
}

/** The record that keeps another aside. It depends on that one alone: a replay writes the same again. */
export function deadLetterRecord(processor: string, { record, error }: Unreadable): OutgoingRecord {
  const { topic, partition, offset, value } = record;
  const message: DeadLetterMessage = {
    workspaceId: '@',
    processor,
    topic,
    partition,
    offset,
    at: toInstant(record.timestamp),
    error,
    key: Buffer.from(record.key).toString('base64'),
    value: value?.subarray(0, MOST_BYTES).toString('base64') ?? null,
    ...((value?.length ?? 0) > MOST_BYTES ? { cutFrom: value?.length ?? 0 } : {}),
    headers: { ...record.headers },
  };
  return {
    topic: TOPICS.deadLetters.name,
    key: [processor, topic, partition, offset].join('/'),
    value: JSON.stringify(message),
    headers: { schema: 'dead-letter@1' },
  };
}
