import { setTimeout } from 'node:timers/promises';

/** The sender of a file has sent nothing for too long. */
export class SilentSenderError extends Error {
  constructor() {
    super('the sender of a file says nothing any more');
    this.name = 'SilentSenderError';
  }
}

/**
 * The chunks of a stream, as long as each comes within so many milliseconds of being asked for: how long the whole may
 * take is nobody's business. Throws a SilentSenderError; the stream is left open, for the answer.
 */
export async function* withoutSilence(
  chunks: AsyncIterable<Buffer>,
  silenceMs: number,
): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  for (;;) {
    const over = new AbortController();
    const silence = setTimeout(silenceMs, undefined, { signal: over.signal }).then(
      () => undefined,
      () => undefined,
    );
    const next = iterator.next();
    next.catch(() => undefined);
    const came = await Promise.race([next, silence]);
    over.abort();
    if (!came) throw new SilentSenderError();
    if (came.done) return;
    yield came.value;
  }
}
