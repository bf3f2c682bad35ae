import type { Identifier } from '@tributary/kernel';
import type { Link } from './link.js';

/** Which of the numbers below a count hang together: union-find with path halving (Tarjan and van Leeuwen, 1984). */
export class Components {
  readonly #parents: Uint32Array;

  constructor(count: number) {
    this.#parents = Uint32Array.from({ length: count }, (_, i) => i);
  }

  join(a: number, b: number): void {
    this.#parents[this.leaderOf(a)] = this.leaderOf(b);
  }

  /** Names the component of a number, by one of its own, until something joins it. */
  leaderOf(of: number): number {
    let z = of;
    for (let parent = this.#parents[z] ?? z; parent !== z; parent = this.#parents[z] ?? z) {
      const next = this.#parents[parent] ?? parent;
      this.#parents[z] = next;
      z = next;
    }
    return z;
  }
}

/** Links that hang together. */
export function componentsOf<L extends Pick<Link, 'pair'>>(links: readonly L[]): readonly (readonly L[])[] {
  const numbers = new Map<Identifier, number>();
  const numberOf = (z: Identifier) => {
    const known = numbers.get(z);
    if (known !== undefined) return known;
    numbers.set(z, numbers.size);
    return numbers.size - 1;
  };
  const ends = links.map(({ pair: [a, b] }) => [numberOf(a), numberOf(b)] as const);
  const components = new Components(numbers.size);
  for (const [a, b] of ends) components.join(a, b);
  return [...Map.groupBy(links, (_, i) => components.leaderOf(ends[i]?.[0] ?? 0)).values()];
}
