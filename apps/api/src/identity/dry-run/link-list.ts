import type { Identifier } from '@tributary/kernel';

/** Two identifiers that occurred on one event: since when, and since when each of them occurred at all. */
export interface SeenPair {
  readonly a: Identifier;
  readonly b: Identifier;
  readonly firstSeen: number;
  readonly aFirstSeen: number;
  readonly bFirstSeen: number;
}

const FIRST_SIZE = 1_024;

/** Very many pairs in little memory: identifiers are numbers here, in the order in which they came. */
export class LinkList {
  readonly identifiers: Identifier[] = [];
  readonly firstSeen: number[] = [];
  readonly #numbers = new Map<Identifier, number>();
  #ends = new Uint32Array(2 * FIRST_SIZE);
  #times = new Float64Array(FIRST_SIZE);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Each pair once. */
  add({ a, b, firstSeen, aFirstSeen, bFirstSeen }: SeenPair): void {
    if (this.#size === this.#times.length) this.#grow();
    this.#ends[2 * this.#size] = this.#numberOf(a, aFirstSeen);
    this.#ends[2 * this.#size + 1] = this.#numberOf(b, bFirstSeen);
    this.#times[this.#size] = firstSeen;
    this.#size += 1;
  }

  /** The numbers of a link's ends. */
  endsOf(link: number): readonly [number, number] {
    return [this.#ends[2 * link] ?? 0, this.#ends[2 * link + 1] ?? 0];
  }

  timeOf(link: number): number {
    return this.#times[link] ?? 0;
  }

  nameOf(number: number): Identifier {
    const name = this.identifiers[number];
    if (name === undefined) throw new Error(`there is no identifier ${number}`);
    return name;
  }

  /** The number of an identifier; undefined where it is in no link. */
  find(identifier: Identifier): number | undefined {
    return this.#numbers.get(identifier);
  }

  #numberOf(identifier: Identifier, firstSeen: number): number {
    const known = this.#numbers.get(identifier);
    if (known === undefined) {
      const number = this.identifiers.push(identifier) - 1;
      this.firstSeen.push(firstSeen);
      this.#numbers.set(identifier, number);
      return number;
    }
    this.firstSeen[known] = Math.min(firstSeen, this.firstSeen[known] ?? Infinity);
    return known;
  }

  #grow(): void {
    const [ends, times] = [this.#ends, this.#times];
    this.#ends = new Uint32Array(2 * ends.length);
    this.#ends.set(ends);
    this.#times = new Float64Array(2 * times.length);
    this.#times.set(times);
  }
}
