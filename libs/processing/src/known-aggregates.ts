import {
  activeAggregateKey,
  messageOf,
  TOPICS,
  validateActiveAggregate,
  type ActiveAggregateMessage,
} from '@tributary/contracts';
import { logBounds, TopicFollower, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import type { Definitions } from './processor-declaration.js';

/** An aggregate that a definition of a workspace reads, and how much of it. */
export interface ReadAggregate {
  readonly aggregate: { readonly hash: string };
  readonly bound: number;
}

/** How far aggregates are known: how many partitions of the event log have them, of how many. */
export interface KnownProgress {
  /** Partitions that fold them, so that each event from now on counts. */
  readonly active: number;
  /** Partitions that have what was before, too. */
  readonly known: number;
  readonly partitions: number;
}

/** Answers how far aggregates are known. */
export interface KnownReader {
  /**
   * Whether every partition of the event log folds them with these bounds at least, and has what was before. True of none.
   * What is known may yet lie ahead in `profile.fragments.v1`: see {@link KnownHere}.
   */
  isKnown(workspaceId: string, aggregates: readonly ReadAggregate[]): boolean;
  progressOf(workspaceId: string, aggregates: readonly ReadAggregate[]): KnownProgress;
}

/** What the records of `profile.aggregates.v1` come to. */
export class AggregateProgress implements KnownReader {
  /** By `workspaceId/hash/partition`. */
  readonly #partitions = new Map<string, Pick<ActiveAggregateMessage, 'bound' | 'known'>>();

  /** `partitions`: how many the event log has. */
  constructor(public partitions: number) {}

  /** Takes a record in that was validated; answers whether anything changed. */
  take(record: Pick<LogRecord, 'key' | 'value'>): boolean {
    const { key, value } = record;
    if (value === null) return this.#partitions.delete(key);
    const { bound, known } = messageOf(record) as ActiveAggregateMessage;
    const before = this.#partitions.get(key);
    if (before?.bound === bound && before.known === known) return false;
    this.#partitions.set(key, { bound, ...(known !== undefined && { known }) });
    return true;
  }

  /** The greatest bound with which every partition knows the aggregate that a record is about; undefined of none. */
  knownBoundOf({ key }: Pick<LogRecord, 'key'>): number | undefined {
    const aggregate = key.slice(0, key.lastIndexOf('/'));
    let least = Infinity;
    for (let partition = 0; partition < this.partitions; partition += 1) {
      const { known } = this.#partitions.get(`${aggregate}/${partition}`) ?? {};
      if (known === undefined) return undefined;
      least = Math.min(least, known);
    }
    return least;
  }

  isKnown(workspaceId: string, aggregates: readonly ReadAggregate[]): boolean {
    return aggregates.length === 0 || this.progressOf(workspaceId, aggregates).known === this.partitions;
  }

  progressOf(workspaceId: string, aggregates: readonly ReadAggregate[]): KnownProgress {
    const count = (has: (of: Pick<ActiveAggregateMessage, 'bound' | 'known'>, bound: number) => boolean) =>
      Array.from({ length: this.partitions }, (_, partition) => partition).filter((partition) =>
        aggregates.every(({ aggregate, bound }) => {
          const of = this.#partitions.get(activeAggregateKey(workspaceId, aggregate.hash, partition));
          return of !== undefined && has(of, bound);
        }),
      ).length;
    return {
      active: count((of, bound) => of.bound >= bound),
      known: count(({ known }, bound) => known !== undefined && known >= bound),
      partitions: this.partitions,
    };
  }
}

/**
 * Follows `profile.aggregates.v1`, without a group: every process has all of it. Each partition of it tells of the same
 * partition of the event log. A record that cannot be read goes to `onUnreadable`, and what was before it holds; where the
 * topic can be followed no more, `onFatal` ends the process. It tells when more is known, or less.
 */
export class KnownAggregates implements Definitions, KnownReader {
  readonly #progress = new AggregateProgress(0);
  readonly #follower: TopicFollower;
  #onChange: () => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly connection: KafkaConnection,
    private readonly onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    this.#follower = new TopicFollower(connection, TOPICS.aggregates, (record) => this.#take(record), {
      onFatal,
    });
  }

  async start(onChange: () => Promise<void>): Promise<void> {
    const bounds = await logBounds(this.connection, TOPICS.aggregates.name);
    this.#progress.partitions = bounds.size;
    await this.#follower.start();
    this.#onChange = onChange;
  }

  async stop(): Promise<void> {
    await this.#follower.stop();
  }

  isKnown(workspaceId: string, aggregates: readonly ReadAggregate[]): boolean {
    return this.#progress.isKnown(workspaceId, aggregates);
  }

  progressOf(workspaceId: string, aggregates: readonly ReadAggregate[]): KnownProgress {
    return this.#progress.progressOf(workspaceId, aggregates);
  }

  async #take(record: LogRecord): Promise<void> {
    const error = validateActiveAggregate(record);
    if (error !== undefined) {
      await this.onUnreadable(record, error);
      return;
    }
    const before = this.#progress.knownBoundOf(record);
    this.#progress.take(record);
    // Not of each partition: whoever listens looks at all that it has.
    if (this.#progress.knownBoundOf(record) !== before) await this.#onChange();
  }
}
