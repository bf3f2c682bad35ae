/** Counts the bytes that the process holds for its clients, and refuses what would be too many. */
export class InFlight {
  #bytes = 0;

  constructor(private readonly limit: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes room; false when there is none. What was taken is to be released once. */
  reserve(bytes: number): boolean {
    if (this.#bytes + bytes > this.limit) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}
