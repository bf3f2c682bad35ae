import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { MARKER_BYTES, readFrames, type Piece } from './frame.js';
import { SpoolFormatError } from './spool.errors.js';

const MAGIC = Buffer.from('TRIBSPOOL1\r\n', 'latin1');
const VERSION = 1;
export const HEADER_BYTES = MAGIC.length + 8;
const NAME = /^(\d{10})-([0-9a-f]{16})\.spool$/;

/** A file of a spool that nobody writes any more. */
export interface Segment {
  readonly file: string;
  readonly bytes: number;
  readonly records: number;
  /** When its first record was kept, in milliseconds since 1970; undefined where there is none. */
  readonly since: number | undefined;
}

/** A name for the nth segment of a folder, with the marker of its frames, which no reader of its bytes can guess. */
export function newSegmentName(n: number): { readonly name: string; readonly marker: Buffer } {
  const marker = randomBytes(MARKER_BYTES);
  return { name: `${String(n).padStart(10, '0')}-${marker.toString('hex')}.spool`, marker };
}

export function isSegment(name: string): boolean {
  return NAME.test(name);
}

export function segmentHeader(): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, MAGIC.length);
  header.writeUInt32LE(crc32(header.subarray(0, MAGIC.length + 4)), MAGIC.length + 4);
  return header;
}

/**
 * The pieces of a segment, all of it but its header. Where the header is damaged the frames are read all the same: their
 * marker is in the file's name.
 *
 * @throws SpoolFormatError when another version wrote it
 */
export function* piecesOf(file: string, bytes: Buffer): IterableIterator<Piece> {
  const marker = Buffer.from(NAME.exec(basename(file))?.[2] ?? '', 'hex');
  const header = bytes.subarray(0, HEADER_BYTES);
  if (header.equals(segmentHeader())) {
    yield* readFrames(bytes, marker, HEADER_BYTES);
    return;
  }
  const [body, checksum] = [header.subarray(0, MAGIC.length + 4), MAGIC.length + 4];
  if (header.length === HEADER_BYTES && crc32(body) === header.readUInt32LE(checksum))
    throw new SpoolFormatError(file, header.readUInt32LE(MAGIC.length), VERSION);
  yield* readFrames(bytes, marker, 0);
}

/** What is in a segment. */
export function inspected(file: string, bytes: Buffer): Segment {
  let records = 0;
  let since: number | undefined;
  for (const { frame } of piecesOf(file, bytes)) {
    if (!frame) continue;
    records += frame.records.length;
    since ??= frame.at;
  }
  return { file, bytes: bytes.length, records, since };
}
