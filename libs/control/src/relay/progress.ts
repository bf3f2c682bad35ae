/** How far a sequence has been worked through, for those who wait until their place in it is reached. */
export class Progress {
  #reached = -1;
  readonly #waiting = new Set<{ readonly place: number; readonly resolve: () => void }>();

  /** Everything up to this place is done. */
  advance(place: number): void {
    this.#reached = Math.max(this.#reached, place);
    for (const waiter of this.#waiting) {
      if (waiter.place > this.#reached) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  /** Whether a place was reached within so many milliseconds. */
  async reaches(place: number, patienceMs: number): Promise<boolean> {
    if (place <= this.#reached) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        resolve(false);
      }, patienceMs);
      const waiter = {
        place,
        resolve: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      this.#waiting.add(waiter);
    });
  }
}
