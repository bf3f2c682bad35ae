export interface Deadline {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly key: string;
}

/** A binary heap: the earliest deadline first. */
export class DeadlineHeap {
  #heap: Deadline[] = [];

  get first(): Deadline | undefined {
    return this.#heap[0];
  }

  push(deadline: Deadline): void {
    const heap = this.#heap;
    let i = heap.push(deadline) - 1;
    for (let up = (i - 1) >> 1; i > 0 && this.#at(up) > deadline.at; up = (i - 1) >> 1) {
      this.#swap(i, up);
      i = up;
    }
  }

  pop(): Deadline | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (!first || !last || this.#heap.length === 0) return first;
    this.#heap[0] = last;
    for (let i = 0; ;) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      const down = this.#at(right) < this.#at(left) ? right : left;
      if (this.#at(down) >= last.at) return first;
      this.#swap(i, down);
      i = down;
    }
  }

  clear(): void {
    this.#heap = [];
  }

  #at(i: number): number {
    return this.#heap[i]?.at ?? Infinity;
  }

  #swap(i: number, j: number): void {
    const [a, b] = [this.#heap[i], this.#heap[j]];
    if (a && b) [this.#heap[i], this.#heap[j]] = [b, a];
  }
}
