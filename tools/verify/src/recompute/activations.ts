import type { Place } from './event-reader.js';

/** From where on each aggregate is folded, partition by partition: behind its first activation. */
export class Activations {
  readonly #first = new Map<number, Map<string, number>>();
  #logStarts: ReadonlyMap<number, number> = new Map();

  /** Where the log begins now: an aggregate without an activation in what is left was activated before. */
  startingAt(logStarts: ReadonlyMap<number, number>): void {
    this.#logStarts = logStarts;
  }

  add(aggregate: string, { partition, offset }: Place): void {
    const first = this.#first.get(partition) ?? new Map<string, number>();
    this.#first.set(partition, first);
    if (!first.has(aggregate)) first.set(aggregate, offset);
  }

  /** Whether the aggregate, `workspaceId/hash`, was activated before this place. */
  isBefore(aggregate: string, { partition, offset }: Place): boolean {
    const first = this.#first.get(partition)?.get(aggregate);
    return first === undefined ? (this.#logStarts.get(partition) ?? 0) > 0 : first < offset;
  }
}
