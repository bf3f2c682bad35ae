import { crc32c } from './crc32c.js';

type Bytes = string | Buffer | null | undefined;

/** A record as kafkajs hands it to its encoder. */
export interface BatchRecord {
  readonly key?: Bytes;
  readonly value?: Bytes;
  readonly headers?: Readonly<Record<string, string | Buffer | readonly (string | Buffer)[]>>;
  /** Milliseconds since 1970. */
  readonly timestamp?: string | number;
}

const HEAD_BYTES = 61;
const CRC_AT = 17;
const CHECKED_FROM = 21;
const MAGIC = 2;
const SHORT_TEXT = 24;

/**
 * Records as one uncompressed record batch of a producer that numbers nothing, all of one instant (milliseconds since
 * 1970). Source of the format: Kafka's record batch, version 2.
 */
export function writeRecordBatch(records: readonly BatchRecord[], at: number): Buffer {
  const sizes = new Array<number>(records.length);
  let total = HEAD_BYTES;
  for (const [i, record] of records.entries()) {
    const size = sizeOfBody(record, i);
    sizes[i] = size;
    total += varIntSize(size) + size;
  }
  const buf = Buffer.allocUnsafe(total);
  let next = HEAD_BYTES;
  for (const [i, record] of records.entries()) next = writeRecord(buf, record, i, sizes[i] ?? 0, next);
  writeHead(buf, records.length, at);
  return buf;
}

function writeHead(buf: Buffer, count: number, at: number): void {
  buf.fill(0, 0, HEAD_BYTES);
  buf.writeInt32BE(buf.length - 12, 8);
  buf.writeInt8(MAGIC, 16);
  buf.writeInt32BE(count - 1, 23);
  buf.writeBigInt64BE(BigInt(at), 27);
  buf.writeBigInt64BE(BigInt(at), 35);
  // No producer id, epoch 0, sequence 0: not idempotent.
  buf.fill(0xff, 43, 51);
  buf.writeInt32BE(count, 57);
  buf.writeUInt32BE(crc32c(buf.subarray(CHECKED_FROM)), CRC_AT);
}

function sizeOfBody({ key, value, headers }: BatchRecord, offsetDelta: number): number {
  // Attributes and the difference of time, a byte each.
  let size = 2 + varIntSize(offsetDelta) + sizeOf(key) + sizeOf(value);
  let count = 0;
  for (const name in headers) {
    const values = valuesOf(headers[name]);
    for (const text of values) size += sizeOf(name) + sizeOf(text);
    count += values.length;
  }
  return size + varIntSize(count);
}

function writeRecord(
  buf: Buffer,
  { key, value, headers }: BatchRecord,
  offsetDelta: number,
  size: number,
  at: number,
): number {
  let next = writeVarInt(buf, size, at);
  buf[next] = 0;
  buf[next + 1] = 0;
  next = writeVarInt(buf, offsetDelta, next + 2);
  next = writeBytes(buf, key, next);
  next = writeBytes(buf, value, next);
  let count = 0;
  for (const name in headers) count += valuesOf(headers[name]).length;
  next = writeVarInt(buf, count, next);
  for (const name in headers) {
    for (const text of valuesOf(headers[name])) next = writeBytes(buf, text, writeBytes(buf, name, next));
  }
  return next;
}

function valuesOf(value: string | Buffer | readonly (string | Buffer)[] | undefined): readonly Bytes[] {
  return Array.isArray(value) ? (value as readonly Bytes[]) : [value as Bytes];
}

/** With the length in front; none is the length -1. */
function sizeOf(bytes: Bytes): number {
  if (bytes === null || bytes === undefined) return 1;
  const length = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
  return varIntSize(length) + length;
}

function writeBytes(buf: Buffer, bytes: Bytes, at: number): number {
  if (bytes === null || bytes === undefined) return writeVarInt(buf, -1, at);
  if (typeof bytes !== 'string') {
    const next = writeVarInt(buf, bytes.length, at);
    bytes.copy(buf, next);
    return next + bytes.length;
  }
  if (bytes.length <= SHORT_TEXT) {
    const end = writeAscii(buf, bytes, at);
    if (end >= 0) return end;
  }
  const next = writeVarInt(buf, Buffer.byteLength(bytes), at);
  return next + buf.write(bytes, next, 'utf8');
}

/** Of a short text a loop costs less than the call into the engine; -1 where it is not all ASCII. */
function writeAscii(buf: Buffer, text: string, at: number): number {
  // At most 24 characters: the length takes one byte.
  buf[at] = text.length << 1;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return -1;
    buf[at + 1 + i] = code;
  }
  return at + 1 + text.length;
}

function zigZag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function varIntSize(value: number): number {
  const encoded = zigZag(value);
  if (encoded < 0x80) return 1;
  if (encoded < 0x4000) return 2;
  if (encoded < 0x200000) return 3;
  return encoded < 0x10000000 ? 4 : 5;
}

function writeVarInt(buf: Buffer, value: number, at: number): number {
  let rest = zigZag(value);
  let next = at;
  for (; rest > 0x7f; rest >>>= 7, next += 1) buf[next] = (rest & 0x7f) | 0x80;
  buf[next] = rest;
  return next + 1;
}
