import { failed, ok, type Result } from '@tributary/kernel';
import { promisify } from 'node:util';
import type { Transform } from 'node:stream';
import {
  brotliDecompress,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  gunzip,
  inflate,
  inflateRaw,
  zstdDecompress,
} from 'node:zlib';
import { REQUEST_LIMITS } from '../limits.js';

/** What Content-Encoding may name. */
export const ENCODINGS = ['gzip', 'deflate', 'br', 'zstd'] as const;
export type Encoding = (typeof ENCODINGS)[number] | 'identity';

/** A window is allocated before the first byte comes out of it. */
const ZSTD_WINDOW_LOG = 23;

const limit = { maxOutputLength: REQUEST_LIMITS.bodyBytes };
const zstdParams = { params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } };
const zstdOptions = { ...limit, ...zstdParams };
const [unzip, unwrap, unwrapRaw, unbrotli, unzstd] = [
  promisify<Buffer, typeof limit, Buffer>(gunzip),
  promisify<Buffer, typeof limit, Buffer>(inflate),
  promisify<Buffer, typeof limit, Buffer>(inflateRaw),
  promisify<Buffer, typeof limit, Buffer>(brotliDecompress),
  promisify<Buffer, typeof zstdOptions, Buffer>(zstdDecompress),
];

const unpack: Readonly<Record<(typeof ENCODINGS)[number], (body: Buffer) => Promise<Buffer>>> = {
  gzip: (body) => unzip(body, limit),
  deflate: (body) => (hasZlibHeader(body) ? unwrap : unwrapRaw)(body, limit),
  br: (body) => unbrotli(body, limit),
  zstd: (body) => unzstd(body, zstdOptions),
};

export function encodingOf(contentEncoding: string | undefined): Encoding | undefined {
  const name = (contentEncoding ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return 'identity';
  if (name === 'x-gzip') return 'gzip';
  return ENCODINGS.find((encoding) => encoding === name);
}

const MAGIC: readonly (readonly [Encoding, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
];

/** The encoding that bytes show by their beginning, which no text has. */
export function encodingIn(bytes: Buffer): Encoding {
  return MAGIC.find(([, magic]) => bytes.subarray(0, magic.length).equals(magic))?.[0] ?? 'identity';
}

/** Decompresses a body; stops at the limit, so that a bomb never unfolds. */
export async function decompressed(
  body: Buffer,
  encoding: Encoding,
): Promise<Result<Buffer, 'body_too_large' | 'malformed_encoding'>> {
  if (encoding === 'identity') return ok(body);
  try {
    return ok(await unpack[encoding](body));
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return failed(tooLarge ? 'body_too_large' : 'malformed_encoding');
  }
}

const streams: Readonly<Record<(typeof ENCODINGS)[number], () => Transform>> = {
  gzip: () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(zstdParams),
};

/** Decompresses a stream; what reads from it has to look at the amount. */
export function decompressor(encoding: Exclude<Encoding, 'identity'>): Transform {
  return streams[encoding]();
}

/** `deflate` is the zlib format (RFC 1950); some clients send what is in it without its header. */
function hasZlibHeader(body: Buffer): boolean {
  return body.length >= 2 && (body.readUInt8(0) & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0;
}
