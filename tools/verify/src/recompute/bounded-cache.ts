/** Remembers what is on disk already; forgets everything at once when it has grown to its bound. */
export class BoundedCache<V> {
  readonly #known = new Map<string, V>();

  constructor(private readonly bound: number) {}

  get(key: string): V | undefined {
    return this.#known.get(key);
  }

  set(key: string, value: V): void {
    if (this.#known.size >= this.bound) this.#known.clear();
    this.#known.set(key, value);
  }
}
