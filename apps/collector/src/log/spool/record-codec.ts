import type { OutgoingRecord } from '@tributary/kafka';

/** Where reading is. */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

interface EncodedRecords {
  readonly bytes: number;
  /** Writes them at this place, which has room for them. */
  write(target: Buffer, at: number): void;
}

const ABSENT = 0xffff_ffff;

/** Records as the bytes that Kafka is given: text in UTF-8, each part behind its length. */
export function encodedRecords(records: readonly OutgoingRecord[]): EncodedRecords {
  const parts = records.flatMap(partsOf);
  return {
    bytes: parts.reduce<number>(
      (sum, part) => sum + 4 + (typeof part === 'object' ? (part?.length ?? 0) : 0),
      0,
    ),
    write: (target, from) => {
      let at = from;
      for (const part of parts) {
        at = target.writeUInt32LE(typeof part === 'number' ? part : (part?.length ?? ABSENT), at);
        if (part !== null && typeof part === 'object') at += part.copy(target, at);
      }
    },
  };
}

/** The parts of a record in their order: bytes behind their length, null where there are none, or a number alone. */
function partsOf({
  topic,
  key,
  partitionKey,
  partition,
  value,
  headers = {},
}: OutgoingRecord): readonly (Buffer | number | null)[] {
  const names = Object.entries(headers);
  return [
    Buffer.from(topic),
    Buffer.from(key),
    partitionKey === undefined ? null : Buffer.from(partitionKey),
    partition ?? ABSENT,
    typeof value === 'string' ? Buffer.from(value) : value,
    names.length,
    ...names.flat().map((text) => Buffer.from(text)),
  ];
}

/** Reads one record. Its value shares memory with the bytes. */
export function decodeRecord(cursor: Cursor): OutgoingRecord {
  const topic = textOf(readBytes(cursor));
  const key = textOf(readBytes(cursor));
  const partitionKey = readBytes(cursor);
  const partition = readNumber(cursor);
  const value = readBytes(cursor);
  const headers: [string, string][] = [];
  for (let left = readNumber(cursor); left > 0; left -= 1)
    headers.push([textOf(readBytes(cursor)), textOf(readBytes(cursor))]);
  return {
    topic,
    key,
    value,
    ...(partitionKey && { partitionKey: textOf(partitionKey) }),
    ...(partition !== ABSENT && { partition }),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
  };
}

function readNumber(cursor: Cursor): number {
  const number = cursor.bytes.readUInt32LE(cursor.at);
  cursor.at += 4;
  return number;
}

function readBytes(cursor: Cursor): Buffer | null {
  const length = readNumber(cursor);
  if (length === ABSENT) return null;
  const from = cursor.at;
  cursor.at += length;
  return cursor.bytes.subarray(from, cursor.at);
}

function textOf(bytes: Buffer | null): string {
  return bytes?.toString('utf8') ?? '';
}
