import { TOPICS, type SetAsideMessage } from '@tributary/contracts';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { toInstant } from '@tributary/kernel';

/** Says what is wrong with a record, so that it cannot be folded; undefined where nothing is. Pure. */
export type RecordJudge = (record: LogRecord) => string | undefined;

/** A record that was kept aside, for those who count and log. */
export interface SetAsideNews {
  readonly stage: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly error: string;
}

interface Unreadable {
  readonly record: LogRecord;
  readonly error: string;
}

/** Of a larger value the beginning is kept: the bytes are in the input itself as long as that is kept. */
const MOST_BYTES = 500_000;

/** Parts a batch into what its judge lets pass, and what is to be set aside. */
export function judged(
  batch: PartitionBatch,
  judge: RecordJudge | undefined,
): { readonly readable: PartitionBatch; readonly unreadable: readonly Unreadable[] } {
  if (!judge) return { readable: batch, unreadable: [] };
  const unreadable: Unreadable[] = [];
  const records = batch.records.filter((record) => {
    const error = judge(record);
    if (error !== undefined) unreadable.push({ record, error });
    return error === undefined;
  });
  return unreadable.length === 0
    ? { readable: batch, unreadable }
    : { readable: { ...batch, records }, unreadable };
}

/** The record that keeps another aside. It depends on that one alone: a replay writes the same again. */
export function setAsideRecord(stage: string, { record, error }: Unreadable): OutgoingRecord {
  const { topic, partition, offset, value } = record;
  const message: SetAsideMessage = {
    workspaceId: '@',
    stage,
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
    topic: TOPICS.setAside.name,
    key: [stage, topic, partition, offset].join('/'),
    value: JSON.stringify(message),
    headers: { schema: 'set-aside@1' },
  };
}
