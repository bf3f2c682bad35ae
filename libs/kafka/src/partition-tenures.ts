/** One stay of a partition with this member: from the join that gave it until one that gave it to another, or may have. */
export class Tenure {
  /** Its batches are taken: it is restored, and consumption goes on where it was. */
  isRunning = false;
  /** Nothing is fetched until the handlers are done that were at work at the last join. */
  isHeldUp = false;
  /** The next offset of each topic, as of the restored state; absent until it is asked for. */
  restored: Promise<ReadonlyMap<string, number>> | undefined;
  /** Of each place, where its log ended when this began to run: until it is there, the state is one of the past. */
  readonly behind = new Map<string, number>();
  /** The handlers that are at work. */
  readonly underWay = new Set<Promise<unknown>>();
  #isOver = false;

  constructor(readonly partition: number) {}

  /** Nothing of it is handled or committed any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether all is handled that was in the log when it began to run. */
  hasCaughtUp(positionOf: (place: string) => number): boolean {
    for (const [place, end] of this.behind) {
      if (positionOf(place) < end) return false;
      this.behind.delete(place);
    }
    return true;
  }

  end(): void {
    this.#isOver = true;
  }
}

/** The place of this member in its group, as of one join. */
export interface Membership {
  readonly memberId: string;
  /** The group counts its rebalances. */
  readonly generation: number;
  readonly partitions: ReadonlySet<number>;
}

/**
 * Which partitions this member has, and since when. A partition is kept through a rebalance where the group gave it to
 * the same member in two generations that follow each other: nobody else had it in between. Where a generation is
 * missing, it may have been another's, and it is closed and opened again.
 */
export class PartitionTenures {
  #membership: Membership | undefined;
  readonly #tenures = new Map<number, Tenure>();
  /** Those that are over, until they are closed. */
  readonly #over = new Set<Tenure>();

  /** -1 before the first join. */
  get generation(): number {
    return this.#membership?.generation ?? -1;
  }

  /** Partitions that this member has, for all that the group said. */
  get held(): readonly number[] {
    return [...this.#tenures.keys()];
  }

  /** Those that are over, and are to be closed. */
  get over(): readonly Tenure[] {
    return [...this.#over];
  }

  /** All of them. */
  get open(): readonly Tenure[] {
    return [...this.#over, ...this.#tenures.values()];
  }

  /** Of a partition that this member has. */
  of(partition: number): Tenure | undefined {
    return this.#tenures.get(partition);
  }

  /** Ends those that are not kept. */
  join(next: Membership): void {
    const before = this.#membership;
    const isSame = before?.memberId === next.memberId;
    // The same generation again: it was asked for its assignment once more.
    const isNext = isSame && [before.generation, before.generation + 1].includes(next.generation);
    for (const tenure of this.#tenures.values()) {
      if (isNext && next.partitions.has(tenure.partition)) continue;
      tenure.end();
      this.#tenures.delete(tenure.partition);
      this.#over.add(tenure);
    }
    this.#membership = next;
  }

  begin(partition: number): Tenure {
    const tenure = new Tenure(partition);
    this.#tenures.set(partition, tenure);
    return tenure;
  }

  /** It is closed. */
  forget(tenure: Tenure): void {
    this.#over.delete(tenure);
    if (this.#tenures.get(tenure.partition) === tenure) this.#tenures.delete(tenure.partition);
  }
}
