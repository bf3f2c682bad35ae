interface Given<T> {
  readonly item: T;
  readonly taken: PromiseWithResolvers<boolean>;
}

/**
 * Hands over one thing after the other: whoever gives waits until whoever takes is done with it, which is when the next
 * one is asked for. So nothing piles up.
 */
export class HandOver<T> implements AsyncIterable<T> {
  readonly #given: Given<T>[] = [];
  #news = Promise.withResolvers<undefined>();
  #isClosed = false;
  #failure: { readonly error: unknown } | undefined;

  /** Resolves with whether it was taken and done with; with false where nobody takes any more. */
  give(item: T): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    const taken = Promise.withResolvers<boolean>();
    this.#given.push({ item, taken });
    this.#news.resolve(undefined);
    return taken.promise;
  }

  /** Ends it, after what was given before. */
  end(): void {
    this.#isClosed = true;
    this.#news.resolve(undefined);
  }

  /** Ends it with an error. */
  fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#failure = { error };
    this.end();
  }

  /** Ends it now: what was given and not taken is not taken any more. */
  close(): void {
    this.end();
    for (const { taken } of this.#given.splice(0)) taken.resolve(false);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      await this.#news.promise;
      const next = this.#given.shift();
      if (!next) {
        if (this.#failure) throw this.#failure.error;
        if (this.#isClosed) return;
        this.#news = Promise.withResolvers();
        continue;
      }
      let isDone = false;
      try {
        yield next.item;
        isDone = true;
      } finally {
        next.taken.resolve(isDone);
      }
    }
  }
}
