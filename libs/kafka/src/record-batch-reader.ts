import { Cursor, FetchedRecord } from './fetched-record.js';

const LENGTH_AT = 8;
const BODY_AT = 12;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const FIRST_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const COUNT_AT = 57;
const RECORDS_AT = 61;

const COMPRESSION = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** The records of a batch, and where the next one begins. */
export interface ReadBatch {
  readonly records: readonly FetchedRecord[];
  readonly end: number;
}

/**
 * Reads the record batch that begins here. Undefined where it is not whole, as at the end of a fetch, or of a kind
 * that is left to the client: compressed, transactional or of the broker's own. Source of the format: Kafka's record
 * batch, version 2.
 */
export function readRecordBatch(bytes: Buffer, at: number): ReadBatch | undefined {
  if (at + RECORDS_AT > bytes.length) return undefined;
  const end = at + BODY_AT + bytes.readInt32BE(at + LENGTH_AT);
  const attributes = bytes.readInt16BE(at + ATTRIBUTES_AT);
  if (end > bytes.length || (attributes & (COMPRESSION | TRANSACTIONAL | CONTROL)) !== 0) return undefined;
  const firstOffset = Number(bytes.readBigInt64BE(at));
  const firstTimestamp = Number(bytes.readBigInt64BE(at + FIRST_TIMESTAMP_AT));
  const maxTimestamp = Number(bytes.readBigInt64BE(at + MAX_TIMESTAMP_AT));
  const appended = (attributes & LOG_APPEND_TIME) !== 0;
  const timeOf = (delta: number) => (appended ? maxTimestamp : firstTimestamp + delta);
  const records = new Array<FetchedRecord>(bytes.readInt32BE(at + COUNT_AT));
  const cursor = new Cursor(bytes, at + RECORDS_AT);
  for (let i = 0; i < records.length; i += 1) {
    const length = cursor.varInt();
    const next = cursor.at + length;
    records[i] = new FetchedRecord(cursor, firstOffset, timeOf);
    cursor.at = next;
  }
  return { records, end };
}

/**
 * The offset after the last whole batch of these bytes, by its header: compaction may have left fewer records in it, or
 * none. Undefined where no batch is whole, or one is of an older format.
 */
export function nextOffsetIn(bytes: Buffer): number | undefined {
  let next: number | undefined;
  for (let at = 0; at + RECORDS_AT <= bytes.length;) {
    const end = at + BODY_AT + bytes.readInt32BE(at + LENGTH_AT);
    if (end > bytes.length) break;
    if (bytes.readInt8(at + MAGIC_AT) !== 2) return undefined;
    next = Number(bytes.readBigInt64BE(at)) + bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT) + 1;
    at = end;
  }
  return next;
}
