import type { Place } from './event-reader.js';

/** From where on each leaf is folded, partition by partition: behind its first announcement. */
export class Announcements {
  readonly #first = new Map<number, Map<string, number>>();
  #logStarts: ReadonlyMap<number, number> = new Map();

  /** Where the log begins now: a leaf without an announcement in what is left was announced before. */
  startingAt(logStarts: ReadonlyMap<number, number>): void {
    this.#logStarts = logStarts;
  }

  add(leaf: string, { partition, offset }: Place): void {
    const first = this.#first.get(partition) ?? new Map<string, number>();
    this.#first.set(partition, first);
    if (!first.has(leaf)) first.set(leaf, offset);
  }

  /** Whether the leaf, `workspaceId/hash`, was announced before this place. */
  isBefore(leaf: string, { partition, offset }: Place): boolean {
    const first = this.#first.get(partition)?.get(leaf);
    return first === undefined ? (this.#logStarts.get(partition) ?? 0) > 0 : first < offset;
  }
}
