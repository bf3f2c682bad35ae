import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

import { StatementError } from './engine.js';

/** ClickHouse's code for data beyond a limit. */
export const TOO_MANY_BYTES = 307;

/** How much a request may bring, packed or unpacked: it is held in memory until the engine has taken it. */
export const MAX_BODY_BYTES = 268_435_456;

const decoders = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

function tooLarge(): StatementError {
  return new StatementError(
    TOO_MANY_BYTES,
    `Code: ${TOO_MANY_BYTES}. DB::Exception: the body is larger than ${MAX_BODY_BYTES} bytes, the most that the embedded server takes: insert in smaller batches. (TOO_MANY_BYTES)`,
  );
}

async function received(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    // The rest is read and dropped: who still sends would not read an answer.
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk as Buffer);
    else chunks.length = 0;
  }
  if (bytes > MAX_BODY_BYTES) throw tooLarge();
  return Buffer.concat(chunks);
}

/**
 * A request's body, unpacked.
 *
 * @throws StatementError when it is larger than {@link MAX_BODY_BYTES}
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const body = await received(request);
  const decode = decoders.get(request.headers['content-encoding'] ?? '');
  if (decode === undefined || body.length === 0) return body;
  try {
    return await decode(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : error;
  }
}
