/** The beginning of a stream, and the whole of it still to be read. */
export interface Peeked {
  readonly head: Buffer;
  readonly chunks: AsyncIterable<Buffer>;
}

/** Reads as much of a stream as it takes to know what it is, or all of it where it ends before. */
export async function peek(
  chunks: AsyncIterable<Buffer>,
  enough: (head: Buffer) => boolean,
): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let ended = false;
  while (!ended && !enough(head)) {
    const next = await iterator.next();
    if (next.done) ended = true;
    else head = Buffer.concat([head, next.value]);
  }
  return { head, chunks: resumed(head, iterator, ended) };
}

async function* resumed(
  head: Buffer,
  iterator: AsyncIterator<Buffer>,
  ended: boolean,
): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  if (ended) return;
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
