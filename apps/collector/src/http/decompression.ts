import { failed, ok, type Result } from '@tributary/kernel';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { REQUEST_LIMITS } from '../limits.js';
import type { Encoding } from './request-headers.js';

const unpack = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;

/** Decompresses a body; stops at the limit, so that a bomb never unfolds. */
export async function decompressed(
  body: Buffer,
  encoding: Encoding,
): Promise<Result<Buffer, 'body_too_large' | 'malformed_encoding'>> {
  if (encoding === 'identity') return ok(body);
  try {
    return ok(await unpack[encoding](body, { maxOutputLength: REQUEST_LIMITS.bodyBytes }));
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return failed(tooLarge ? 'body_too_large' : 'malformed_encoding');
  }
}
