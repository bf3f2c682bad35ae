/** How far a log has been followed, for those who wait until their own record has been read back. */
export class LogProgress {
  #reached = -1;
  readonly #waiting = new Set<{ readonly offset: number; readonly resolve: () => void }>();

  /** Everything up to this offset has been taken in. */
  advance(offset: number): void {
    this.#reached = Math.max(this.#reached, offset);
    for (const waiter of this.#waiting) {
      if (waiter.offset > this.#reached) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  /** Whether an offset was taken in within so many milliseconds. */
  async reaches(offset: number, patienceMs: number): Promise<boolean> {
    if (offset <= this.#reached) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        resolve(false);
      }, patienceMs);
      const waiter = {
        offset,
        resolve: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      this.#waiting.add(waiter);
    });
  }
}
