import { REQUEST_LIMITS } from '../limits.js';

/** As much of a file as any other request may have: what is kept of one that is refused whole. */
const { bodyBytes: MOST } = REQUEST_LIMITS;

/** Remembers the beginning of a stream that others read. */
export class Beginning {
  readonly #parts: Buffer[] = [];
  #length = 0;

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  async *of(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.add(chunk);
      yield chunk;
    }
  }

  /** Whether all of it is remembered. */
  add(chunk: Buffer): boolean {
    const part = chunk.subarray(0, MOST - this.#length);
    if (part.length > 0) this.#parts.push(part);
    this.#length += part.length;
    return part.length === chunk.length;
  }
}

/**
 * Reads the beginning of a stream, or all of it. A stream that is longer is left open: to close it would end the
 * connection before the answer.
 */
export async function beginningOf(
  chunks: AsyncIterable<Buffer>,
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
  const beginning = new Beginning();
  const iterator = chunks[Symbol.asyncIterator]();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    if (!beginning.add(next.value)) return { bytes: beginning.bytes, isWhole: false };
  }
  return { bytes: beginning.bytes, isWhole: true };
}
