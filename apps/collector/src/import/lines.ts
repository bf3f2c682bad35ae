/** One line of a file, without its end. */
export interface Line {
  /** The first is 1. */
  readonly number: number;
  /** Of a line that is too long, its beginning. */
  readonly bytes: Buffer;
  readonly tooLong: boolean;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Takes a stream of bytes apart into lines, which end with a line feed unless given; never holds more of one than `limit`
 * bytes. Blank lines are left out.
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  limit: number,
  separator = NEWLINE,
): AsyncGenerator<Line> {
  let number = 1;
  let kept: Buffer[] = [];
  let length = 0;
  const end = (): Line | undefined => {
    const whole = Buffer.concat(kept);
    const line = whole.at(-1) === RETURN ? whole.subarray(0, -1) : whole;
    const tooLong = length > limit;
    kept = [];
    length = 0;
    const found = { number, bytes: line, tooLong };
    number += 1;
    return line.length > 0 && line.some((byte) => byte > 0x20) ? found : undefined;
  };
  const keep = (part: Buffer) => {
    if (part.length === 0) return;
    if (length < limit) kept.push(part.subarray(0, limit - length));
    length += part.length;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = chunk.indexOf(separator); at >= 0; at = chunk.indexOf(separator, start)) {
      keep(chunk.subarray(start, at));
      start = at + 1;
      const line = end();
      if (line) yield line;
    }
    // A copy: the rest would keep its whole chunk alive, and a slow sender many of them.
    keep(Buffer.from(chunk.subarray(start)));
  }
  const last = length > 0 ? end() : undefined;
  if (last) yield last;
}
