import type { OutgoingRecord } from '@tributary/kafka';
import { crc32 } from 'node:zlib';
import { decodeRecord, encodedRecords, type Cursor } from './record-codec.js';

/** The records of one request, kept whole or not at all. */
export interface Frame {
  /** When they were kept, in milliseconds since 1970. */
  readonly at: number;
  readonly records: readonly OutgoingRecord[];
}

/** A stretch of a segment: a frame, or bytes that are none. `end` is exclusive. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly frame?: Frame;
}

/** What a frame of this segment begins with: bytes that nobody who sends events can know. */
export const MARKER_BYTES = 8;

// Marker, length of the body, checksum of length and body.
const HEAD_BYTES = MARKER_BYTES + 8;
const BODY_HEAD_BYTES = 12;

/** A frame: marker, length, CRC-32 of length and body, body. */
export function encodeFrame(marker: Buffer, { at, records }: Frame): Buffer {
  const encoded = encodedRecords(records);
  const length = BODY_HEAD_BYTES + encoded.bytes;
  const frame = Buffer.allocUnsafe(HEAD_BYTES + length);
  marker.copy(frame, 0);
  frame.writeUInt32LE(length, MARKER_BYTES);
  frame.writeDoubleLE(at, HEAD_BYTES);
  frame.writeUInt32LE(records.length, HEAD_BYTES + 8);
  encoded.write(frame, HEAD_BYTES + BODY_HEAD_BYTES);
  frame.writeUInt32LE(checksumOf(frame, 0, length), MARKER_BYTES + 4);
  return frame;
}

/**
 * Divides bytes into frames and what is damaged, all of it, in order. After damage it goes on at the next whole frame;
 * a frame of which a bit has changed is none.
 */
export function* readFrames(bytes: Buffer, marker: Buffer, from: number): IterableIterator<Piece> {
  let damagedFrom = from;
  let position = from;
  while (position < bytes.length) {
    const found = frameAt(bytes, marker, position);
    if (found) {
      if (damagedFrom < position) yield { start: damagedFrom, end: position };
      yield found;
      position = found.end;
      damagedFrom = position;
    } else {
      const next = bytes.indexOf(marker, position + 1);
      position = next === -1 ? bytes.length : next;
    }
  }
  if (damagedFrom < bytes.length) yield { start: damagedFrom, end: bytes.length };
}

function frameAt(bytes: Buffer, marker: Buffer, start: number): Piece | undefined {
  if (start + HEAD_BYTES > bytes.length) return undefined;
  if (bytes.compare(marker, 0, MARKER_BYTES, start, start + MARKER_BYTES) !== 0) return undefined;
  const length = bytes.readUInt32LE(start + MARKER_BYTES);
  const end = start + HEAD_BYTES + length;
  if (end > bytes.length || length < BODY_HEAD_BYTES) return undefined;
  if (bytes.readUInt32LE(start + MARKER_BYTES + 4) !== checksumOf(bytes, start, length)) return undefined;
  return { start, end, frame: decodeBody(bytes.subarray(start + HEAD_BYTES, end)) };
}

function checksumOf(bytes: Buffer, start: number, length: number): number {
  const ofLength = crc32(bytes.subarray(start + MARKER_BYTES, start + MARKER_BYTES + 4));
  return crc32(bytes.subarray(start + HEAD_BYTES, start + HEAD_BYTES + length), ofLength);
}

function decodeBody(body: Buffer): Frame {
  const records: OutgoingRecord[] = [];
  const cursor: Cursor = { bytes: body, at: BODY_HEAD_BYTES };
  for (let left = body.readUInt32LE(8); left > 0; left -= 1) records.push(decodeRecord(cursor));
  return { at: body.readDoubleLE(0), records };
}
