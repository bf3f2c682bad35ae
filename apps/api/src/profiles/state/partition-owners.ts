/** Where the owners of partitions answer, by partition, as their group says now. */
export type FindAddresses = () => Promise<ReadonlyMap<number, string>>;

/** So long what the group said is good without asking again. */
const FRESH_MS = 5_000;
/** The group is asked again at most so often. */
const ASK_AGAIN_MS = 200;
/** Nobody waits for an answer of the group that has been under way for longer. */
const WAIT_MS = 500;
/** An address that did not answer is not asked again for so long: its group may take longer to notice. */
const AVOID_MS = 1_000;

/** Who owns the partitions of a processor, as its consumer group says. What turns out to be wrong is asked for again. */
export class PartitionOwners {
  #addresses: ReadonlyMap<number, string> = new Map();
  /** Partitions whose owner said that it is none, until the group is asked again. */
  readonly #misdirected = new Map<number, string>();
  readonly #avoided = new Map<string, number>();
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;

  constructor(
    private readonly find: FindAddresses,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Undefined where nobody owns the partition, or it is not known yet who does. */
  async addressOf(partition: number): Promise<string | undefined> {
    const known = this.#known(partition);
    if (this.now() - this.#askedAt > (known === undefined ? ASK_AGAIN_MS : FRESH_MS)) this.ask();
    if (known !== undefined) return known;
    if (this.#asking && this.now() - this.#askedAt < WAIT_MS) await withinWait(this.#asking);
    return this.#known(partition);
  }

  /** The owner of a partition, as it was known, says that it is not, or not yet. */
  misdirected(partition: number, address: string): void {
    this.#misdirected.set(partition, address);
  }

  /** Who answers there does not answer. */
  away(address: string): void {
    this.#avoided.set(address, this.now() + AVOID_MS);
  }

  /** Asks the group, unless that is under way. */
  ask(): void {
    if (this.#asking) return;
    this.#askedAt = this.now();
    this.#asking = this.find()
      .then(
        (found) => {
          this.#addresses = found;
          this.#misdirected.clear();
          for (const [address, until] of this.#avoided)
            if (until <= this.now()) this.#avoided.delete(address);
        },
        // Kafka is away: what is known goes on being good, and owners that lost their partitions say so.
        () => undefined,
      )
      .finally(() => {
        this.#asking = undefined;
      });
  }

  #known(partition: number): string | undefined {
    const address = this.#addresses.get(partition);
    if (address === undefined || this.#misdirected.get(partition) === address) return undefined;
    return (this.#avoided.get(address) ?? 0) > this.now() ? undefined : address;
  }
}

async function withinWait(asking: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, WAIT_MS);
  });
  await Promise.race([asking, late]);
  clearTimeout(timer);
}
