import { TOPICS } from '@tributary/contracts';
import type { Logs } from '@tributary/kafka';
import type { KnownReader, ReadAggregate } from './known-aggregates.js';

/** The aggregates that something reads which is not to be told before they are known. */
export interface Awaited {
  readonly workspaceId: string;
  readonly aggregates: readonly ReadAggregate[];
}

/**
 * By name, from which offset of a partition of `profile.fragments.v1` on it is known there. Plain JSON: a processor keeps it
 * in its state, so that it comes to the same after a restart.
 */
export type KnownFrom = Readonly<Record<string, number>>;

/**
 * What is known in one partition of `profile.fragments.v1`. That aggregates are known is said when their facts are published,
 * not when a reader has read them: it has when it has read as far as the partition was long when it heard of it.
 */
export class KnownHere {
  #from: KnownFrom;

  constructor(
    private readonly of: {
      readonly partition: number;
      readonly known: KnownReader;
      readonly logs: Pick<Logs, 'bounds'>;
    },
    from: KnownFrom = {},
  ) {
    this.#from = from;
  }

  /** To be kept in the state. */
  get from(): KnownFrom {
    return this.#from;
  }

  /**
   * Notes how long the partition is for what is known by now and was not before, and forgets what is not awaited or
   * not known any more. Answers whether `from` changed.
   */
  async look(awaited: ReadonlyMap<string, Awaited>): Promise<boolean> {
    const { known, partition, logs } = this.of;
    const names = [...awaited].flatMap(([name, { workspaceId, aggregates }]) =>
      known.isKnown(workspaceId, aggregates) ? [name] : [],
    );
    const before = this.#from;
    const isNew = names.some((name) => before[name] === undefined);
    if (!isNew && names.length === Object.keys(before).length) return false;
    const end = isNew ? ((await logs.bounds(TOPICS.fragments.name)).get(partition)?.end ?? 0) : 0;
    this.#from = Object.fromEntries(names.map((name) => [name, before[name] ?? end]));
    return true;
  }

  /** Whether it is known to who has read the partition up to an offset. */
  isKnown(name: string, reached: number): boolean {
    return (this.#from[name] ?? Infinity) <= reached;
  }
}
