import { isPartitionKey } from './keys.js';

/** How far a reader of a partition is: the highest epoch, and the highest number of what its owner told in it. */
export interface Heard {
  readonly epoch: number;
  readonly sequence: number;
}

/**
 * What a record is to a reader. `news`: the owner tells it for the first time. `repeat`: what it had told already, in the
 * place of what a former owner wrote behind it; only who keeps the last record of a key needs it. `void`: a former
 * owner's, or of a request that was sent again; nobody heeds it. `partition`: about the partition, no word on anybody.
 */
export type Reading = 'news' | 'repeat' | 'void' | 'partition';

interface ReadRecord {
  readonly partition: number;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The rule for readers of `audience.memberships.v1` and `audience.changes.v1`: of each partition keep the highest
 * (epoch, sequence), and drop what is not higher. One reader for a topic; it is given every record of a partition in order.
 */
export class EpochReader {
  readonly #heard: Map<number, Heard>;

  /** Begins at the start of the partitions, or where another reader had heard so much of them. */
  constructor(heard: Iterable<readonly [number, Heard]> = []) {
    this.#heard = new Map(heard);
  }

  /** How far the reader is in a partition. */
  heard(partition: number): Heard {
    return this.#heard.get(partition) ?? { epoch: 0, sequence: 0 };
  }

  read({ partition, key, headers }: ReadRecord): Reading {
    const heard = this.heard(partition);
    const isOfPartition = isPartitionKey(key);
    // An epoch record without an epoch asks for a number, which is its offset, and begins nothing yet.
    const epoch = Number(headers.epoch ?? (isOfPartition ? heard.epoch : 0));
    if (epoch < heard.epoch) return 'void';
    const sequence = headers.sequence === undefined ? undefined : Number(headers.sequence);
    const before = epoch > heard.epoch ? 0 : heard.sequence;
    if (epoch > heard.epoch) this.#heard.set(partition, { epoch, sequence: before });
    if (isOfPartition) return 'partition';
    if (sequence === undefined) return 'repeat';
    if (sequence <= before) return 'void';
    this.#heard.set(partition, { epoch, sequence });
    return 'news';
  }

  /** Whether the record tells something for the first time. */
  isNews(record: ReadRecord): boolean {
    return this.read(record) === 'news';
  }
}

/** Names a change: the place of its membership among what the owners of the partition told. */
export function changeId(partition: number, { epoch, sequence }: Heard): string {
  return `${partition}-${epoch}-${sequence}`;
}

/** The place of a change's membership, by the id of the change. */
export function placeOfChange(id: string): Heard {
  const [, epoch = NaN, sequence = NaN] = id.split('-').map(Number);
  return { epoch, sequence };
}

/** Whether one place is behind another, in the order in which owners told. */
export function isHigher(a: Heard, b: Heard): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.sequence > b.sequence);
}
