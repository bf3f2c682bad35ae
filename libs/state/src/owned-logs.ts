import type { Logs, OutgoingRecord } from '@tributary/kafka';

export interface OwnedLogsOptions {
  readonly logs: Logs;
  readonly partition: number;
  /**
   * What this owner says of a key of one of its topics, as it would be written now; undefined where it has never said
   * anything.
   */
  readonly own: (topic: string, key: string) => OutgoingRecord | undefined;
  /** Keys of a topic that another had written were written again. */
  readonly onRepaired?: ((repaired: { topic: string; partition: number; keys: number }) => void) | undefined;
}

interface Gap {
  readonly from: number;
  readonly to: number;
}

interface OwnedLog {
  next: number;
  gaps: Gap[];
}

/** Another owner that is alive writes on until it is fenced: what is left then is looked at after the next send. */
const ROUNDS = 3;
const KEYS_AT_ONCE = 5_000;

/**
 * Sends what a sole writer writes to its partition of compacted topics. The offsets of such a writer are contiguous;
 * where they are not, another wrote in between, as a former owner that woke does, and compaction could keep its record
 * instead of the newer one before it. The gap is read, and the owner's own record is appended again for each key in
 * it. Repairs pass the same fence as every send, so of two owners the former stops.
 */
export class OwnedLogs {
  readonly #options: OwnedLogsOptions;
  readonly #logs = new Map<string, OwnedLog>();

  constructor(options: OwnedLogsOptions) {
    this.#options = options;
  }

  /** Watches a topic's partition from this offset on; from its end now unless given. */
  async watch(topic: string, next?: number): Promise<void> {
    const { logs, partition } = this.#options;
    const from = next ?? (await logs.bounds(topic)).get(partition)?.end ?? 0;
    this.#logs.set(topic, { next: from, gaps: [] });
  }

  /** The next offset of each topic that is watched, were nobody else to write. */
  get reached(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#logs].map(([topic, { next }]) => [topic, next]));
  }

  /** Marks a range in which another is known to have written: it is looked at after the next send. */
  suspect(topic: string, range: Gap): void {
    this.#logs.get(topic)?.gaps.push(range);
  }

  /**
   * Sends the records; resolves when they, and what had to be repaired in their topics, are acknowledged. Two sends of one
   * topic are not under way at once.
   */
  async send(records: readonly OutgoingRecord[]): Promise<readonly number[]> {
    const offsets = await this.#append(records);
    const topics = new Set(records.map(({ topic }) => topic));
    for (let round = 0; round < ROUNDS; round += 1) {
      const torn = [...this.#logs].filter(([topic, { gaps }]) => gaps.length > 0 && topics.has(topic));
      if (torn.length === 0) break;
      for (const [topic, log] of torn) for (const gap of log.gaps.splice(0)) await this.#repair(topic, gap);
    }
    return offsets;
  }

  async #append(records: readonly OutgoingRecord[]): Promise<readonly number[]> {
    const offsets = await this.#options.logs.send(records);
    for (const [i, { topic }] of records.entries()) {
      const log = this.#logs.get(topic);
      const offset = offsets[i];
      if (!log || offset === undefined) continue;
      if (offset > log.next) log.gaps.push({ from: log.next, to: offset });
      log.next = Math.max(log.next, offset + 1);
    }
    return offsets;
  }

  async #repair(topic: string, { from, to }: Gap): Promise<void> {
    const { logs, partition } = this.#options;
    let hit = new Map<string, Buffer | null>();
    await logs.read({ topic, partition, from, to }, async ({ key, value }) => {
      hit.set(key, value);
      if (hit.size < KEYS_AT_ONCE) return;
      await this.#republish(topic, hit);
      hit = new Map();
    });
    await this.#republish(topic, hit);
  }

  /** What a request of this owner's own that was tried again has written twice needs no repair. */
  async #republish(topic: string, hit: ReadonlyMap<string, Buffer | null>): Promise<void> {
    const { partition, own, onRepaired } = this.#options;
    const again: OutgoingRecord[] = [];
    for (const [key, value] of hit) {
      const record = own(topic, key);
      if (record && textOf(record.value) !== textOf(value)) again.push({ ...record, partition });
    }
    if (again.length === 0) return;
    await this.#append(again);
    onRepaired?.({ topic, partition, keys: again.length });
  }
}

function textOf(value: string | Buffer | null): string | null {
  return typeof value === 'string' || value === null ? value : value.toString('utf8');
}
