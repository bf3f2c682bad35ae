import type { Line } from './lines.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const SPACE = 0x20;
const OPENING: ReadonlySet<number> = new Set(Buffer.from('{['));
const CLOSING: ReadonlySet<number> = new Set(Buffer.from('}]'));

/**
 * Takes a stream that is one JSON array apart into its elements, each as a {@link Line} with its number; never holds more
 * of one than `limit` bytes. It looks at quotes and brackets alone: an element that is no JSON is one all the same.
 */
export async function* elementsOf(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Line> {
  const scan = new ElementScan(limit);
  for await (const chunk of chunks) yield* scan.read(chunk);
  const last = scan.end();
  if (last) yield last;
}

class ElementScan {
  #depth = 0;
  #inText = false;
  #escaped = false;
  #number = 1;
  #kept: Buffer[] = [];
  #length = 0;

  constructor(private readonly limit: number) {}

  *read(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inText = false;
        continue;
      }
      if (byte === QUOTE) this.#inText = true;
      else if (OPENING.has(byte)) {
        this.#depth += 1;
        if (this.#depth === 1) start = at + 1;
      } else if (CLOSING.has(byte)) this.#depth -= 1;
      const isEnd = (byte === COMMA && this.#depth === 1) || (CLOSING.has(byte) && this.#depth === 0);
      if (!isEnd) continue;
      this.#keep(chunk.subarray(start, at));
      start = at + 1;
      const line = this.end();
      if (line) yield line;
    }
    this.#keep(Buffer.from(chunk.subarray(start)));
  }

  /** The element that was kept so far; none between two commas, or of white space. */
  end(): Line | undefined {
    const bytes = Buffer.concat(this.#kept);
    const tooLong = this.#length > this.limit;
    this.#kept = [];
    this.#length = 0;
    if (!bytes.some((byte) => byte > SPACE)) return undefined;
    const line = { number: this.#number, bytes, tooLong };
    this.#number += 1;
    return line;
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    if (this.#length < this.limit) this.#kept.push(part.subarray(0, this.limit - this.#length));
    this.#length += part.length;
  }
}
