import { ALL_TOPICS } from '@tributary/contracts';
import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs';
import { partitionOf, placeOf, placesIn, type Assignment } from './assigned-places.js';
import { CONCURRENCY, SESSION_TIMEOUT_MS, STUCK_AFTER_MS } from './client-settings.js';
import type { KafkaConnection } from './connection.js';
import { yieldToEventLoop } from './event-loop.js';
import { groupMember, withHeartbeats } from './group-member.js';
import { GroupOffsets, type CommitFailure } from './group-offsets.js';
import { LostRangeError, PartitionMovedError } from './kafka.errors.js';
import { generationIn, generationOf, silence } from './kafkajs-consumer-group.js';
import { Liveness } from './liveness.js';
import type { PartitionOwner } from './partition-owner.js';
import { PartitionTenures, type Tenure } from './partition-tenures.js';
import type { LogRecord, PartitionBatch } from './records.js';
import { recordsFrom } from './to-log-record.js';
import { logBounds } from './topics.js';
import { Watchdog, type Lag } from './watchdog.js';
import { whereabouts } from './whereabouts.js';

export interface GroupConsumerOptions {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** How many partitions' batches are handled at once. */
  readonly concurrency?: number;
  /** The bytes of one partition that a fetch brings, and so a batch; half a MiB unless given. */
  readonly partitionFetchBytes?: number;
  /** Without one, offsets are committed to the group once the handler has resolved, within a second. */
  readonly owner?: PartitionOwner;
  readonly sessionTimeoutMs?: number;
  /** Assigned partitions with lag, and nothing moved for this long: the process ends. */
  readonly stuckAfterMs?: number;
  /** Where this process answers for the partitions that it has, for the group to tell: asked for at each join. */
  readonly address?: (() => string | undefined) | undefined;
  /** Takes the lag of the assigned partitions, three times in `stuckAfterMs`. */
  readonly onLag?: ((groupId: string, lags: readonly Lag[]) => void) | undefined;
  /** Takes each partition of which the group was not told how far it is; it is told again. Logged in any case. */
  readonly onCommitFailure?: ((failure: CommitFailure) => void) | undefined;
  /**
   * Ends the process: what happened was not expected, and no offset may be committed past it. Told once, and after it
   * the group hears no heartbeat of this member.
   */
  readonly onFatal: (error: unknown) => void;
}

const COMPACTED = new Set(ALL_TOPICS.filter((topic) => topic.cleanup.compact).map((topic) => topic.name));

/** A member of a consumer group that hands batches per partition, in order, to one handler. */
export class GroupConsumer {
  readonly liveness: Liveness;
  readonly #options: GroupConsumerOptions;
  readonly #consumer: Consumer;
  readonly #watchdog: Watchdog;
  readonly #offsets: GroupOffsets;
  readonly #handle: (batch: PartitionBatch) => Promise<void>;
  /** The next offset to handle, of `topic/partition`; absent while it is being restored. */
  readonly #positions = new Map<string, number>();
  readonly #tenures = new PartitionTenures();
  #assignment: Assignment = {};
  #inFlight = 0;
  #joining: Promise<void> = Promise.resolve();
  #memberId: string | undefined;
  #closing = false;
  #hasFailed = false;

  constructor(options: GroupConsumerOptions, handle: (batch: PartitionBatch) => Promise<void>) {
    this.#options = options;
    this.#handle = handle;
    const { connection, groupId } = options;
    const sessionTimeoutMs = options.sessionTimeoutMs ?? connection.options.tuning?.sessionTimeoutMs;
    this.liveness = new Liveness(sessionTimeoutMs ?? SESSION_TIMEOUT_MS);
    this.#consumer = groupMember({
      ...{ connection, groupId, sessionTimeoutMs: this.liveness.sessionTimeoutMs },
      partitionFetchBytes: options.partitionFetchBytes,
      claim: () => ({
        ...{ owned: this.#tenures.held, generation: this.#tenures.generation },
        address: options.address?.(),
      }),
    });
    this.#offsets = new GroupOffsets({
      groupId,
      consumer: this.#consumer,
      onFailure: (failure) => {
        this.#commitFailed(failure);
      },
    });
    this.#watchdog = new Watchdog({
      stuckAfterMs: options.stuckAfterMs ?? STUCK_AFTER_MS,
      positions: () => whereabouts(options, this.#assignment, this.#positions),
      busy: () => this.#inFlight > 0,
      logEnds: (topic) => logBounds(connection, topic),
      onStuck: (error) => {
        this.#fail(error);
      },
      onLag: (lags) => options.onLag?.(groupId, lags),
    });
  }

  /** Joins the group; resolves once the first assignment is restored. */
  async start(): Promise<void> {
    const { events } = this.#consumer;
    this.liveness.watch(this.#consumer, () => this.#owns);
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
    const joined = new Promise<void>((resolve) => {
      this.#consumer.on(events.GROUP_JOIN, (event) => {
        this.#joined(event);
        void this.#joining.then(resolve);
      });
    });
    this.#consumer.on(
      events.END_BATCH_PROCESS,
      ({ payload: { topic, partition, batchSize, lastOffset } }) => {
        const place = placeOf(topic, partition);
        // Nothing but what no reader sees, as the marks of transactions: no handler gets it.
        if (batchSize === 0 && (!this.#options.owner || this.#positions.has(place)))
          this.#positions.set(place, Number(lastOffset) + 1);
      },
    );
    this.#consumer.on(events.CRASH, ({ payload }) => {
      if (!payload.restart) this.#fail(payload.error);
    });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#options.concurrency ?? CONCURRENCY,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
    await joined;
    this.#watchdog.start();
  }

  /**
   * Whether this member has a partition, and nobody else, as far as its heartbeats say: never once its session has timed
   * out, however long this process slept. And whether it has handled what was in the log when it got the partition.
   */
  isOwnerOf(partition: number): boolean {
    const tenure = this.#tenures.of(partition);
    if (this.#hasFailed || !this.liveness.isAlive() || tenure?.isRunning !== true) return false;
    return tenure.hasCaughtUp((place) => this.#positions.get(place) ?? 0);
  }

  /** Lets handlers finish, leaves the group, and gives every partition back to the owner. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#watchdog.stop();
    await this.#offsets.flush();
    await this.#consumer.stop();
    await this.#joining;
    for (const tenure of this.#tenures.open) await this.#release(tenure);
    this.#offsets.forget();
    await this.#consumer.disconnect();
  }

  /**
   * 1. No heartbeat any more: a process that does not end at once loses its partitions all the same, and what is under
   * way in it may not be written. 2. No further batch. 3. The end of the process.
   */
  #fail(error: unknown): void {
    if (this.#closing || this.#hasFailed) return;
    this.#hasFailed = true;
    this.#watchdog.stop();
    // A commit is a sign of life, too.
    this.#offsets.forget();
    this.liveness.end();
    if (this.#memberId !== undefined) silence(this.#memberId);
    // Not waited for: it waits in its turn for the handlers.
    void this.#consumer.stop().catch(() => undefined);
    this.#options.onFatal(error);
  }

  #commitFailed(failure: CommitFailure): void {
    const { connection, onCommitFailure } = this.#options;
    const { error, ...what } = failure;
    const level = failure.isOfOldGeneration ? 'debug' : 'warn';
    connection.options.logger?.[level](
      { ...what, error },
      'the group did not take an offset: telling it again',
    );
    onCommitFailure?.(failure);
  }

  /** The event comes before the first fetch: nothing is fetched until it is known where to go on. */
  #joined({ payload }: ConsumerGroupJoinEvent): void {
    const { memberId, memberAssignment } = payload;
    const partitions = new Set(Object.values(memberAssignment).flat());
    this.#memberId = memberId;
    this.#assignment = memberAssignment;
    this.#tenures.join({ memberId, generation: generationIn(payload), partitions });
    const isKept = (partition: number) => this.#tenures.of(partition)?.isRunning === true;
    this.#offsets.forget(isKept);
    for (const place of this.#positions.keys()) {
      if (!isKept(partitionOf(place))) this.#positions.delete(place);
    }
    for (const partition of partitions) this.#begin(partition);
    const { generation } = this.#tenures;
    this.#joining = this.#joining
      .then(() => this.#takeOver(generation, partitions))
      .catch((error: unknown) => {
        this.#fail(error);
      });
  }

  /** Goes on with what is kept; of what is not, and of what a handler is still at work on, nothing is fetched yet. */
  #begin(partition: number): void {
    const places = placesIn(this.#assignment, partition);
    const tenure = this.#tenures.of(partition) ?? this.#tenures.begin(partition);
    // Without an owner there is nothing to restore: the group knows where to begin.
    tenure.isRunning ||= !this.#options.owner;
    tenure.isHeldUp = tenure.isRunning && tenure.underWay.size > 0;
    if (tenure.isRunning && !tenure.isHeldUp) this.#goOn(places);
    else this.#consumer.pause(places);
  }

  /** From where they are; where nothing is known of that, from where the group says. */
  #goOn(places: ReturnType<typeof placesIn>): void {
    for (const { topic, partitions } of places) {
      for (const partition of partitions) {
        const offset = this.#positions.get(placeOf(topic, partition));
        if (offset !== undefined) this.#consumer.seek({ topic, partition, offset: String(offset) });
      }
    }
    this.#consumer.resume(places);
  }

  /**
   * 1. What moved is closed: the next owner does not wait for it, but what it flushes need not be folded again.
   * 2. What is new is restored, and begins where its state is. 3. What is kept goes on when the handlers are done that
   * were at work at the join.
   */
  async #takeOver(generation: number, partitions: ReadonlySet<number>): Promise<void> {
    const isOutdated = () => generation !== this.#tenures.generation;
    if (isOutdated()) return;
    if (this.#owns) this.liveness.assertAlive();
    const tenures = [...partitions].flatMap((partition) => this.#tenures.of(partition) ?? []);
    const going = Promise.all(
      tenures.map(async (tenure) => {
        if (!tenure.isHeldUp) return;
        await Promise.allSettled(tenure.underWay);
        if (isOutdated()) return;
        tenure.isHeldUp = false;
        this.#goOn(placesIn(this.#assignment, tenure.partition));
      }),
    );
    for (const tenure of this.#tenures.over) await this.#release(tenure);
    const fresh = tenures.filter(({ isRunning }) => !isRunning);
    for (const tenure of fresh) {
      // By now another's, perhaps, who has claimed it: a claim behind that one would make void what it writes.
      if (isOutdated()) break;
      await this.#restore(tenure);
    }
    if (!isOutdated()) await this.#start(fresh, isOutdated);
    await going;
  }

  async #release(tenure: Tenure): Promise<void> {
    tenure.end();
    // A batch that has not come to the owner yet must not come to it when it has opened the partition again.
    await Promise.allSettled(tenure.underWay);
    if (tenure.restored) await this.#options.owner?.revoked(tenure.partition);
    this.#tenures.forget(tenure);
  }

  async #restore(tenure: Tenure): Promise<void> {
    tenure.restored ??= this.#options.owner?.assigned(tenure.partition, (offsets) =>
      this.#commit(tenure, offsets),
    );
    await tenure.restored;
  }

  async #start(fresh: readonly Tenure[], isOutdated: () => boolean): Promise<void> {
    if (fresh.length === 0) return;
    for (const topic of Object.keys(this.#assignment)) {
      const bounds = await logBounds(this.#options.connection, topic);
      if (isOutdated()) return;
      for (const { partition, restored, behind } of fresh) {
        if (this.#assignment[topic]?.includes(partition) !== true) continue;
        const needed = (await restored)?.get(topic) ?? 0;
        const { start, end } = bounds.get(partition) ?? { start: 0, end: 0 };
        const offset = needed === 0 && COMPACTED.has(topic) ? start : needed;
        if (offset < start) throw new LostRangeError(topic, partition, offset, start);
        this.#positions.set(placeOf(topic, partition), offset);
        this.#offsets.reached(topic, partition, offset);
        behind.set(placeOf(topic, partition), end);
      }
    }
    if (isOutdated()) return;
    for (const tenure of fresh) {
      tenure.isRunning = true;
      this.#goOn(placesIn(this.#assignment, tenure.partition));
    }
  }

  /** Whether an owner has something open: without one, what a member did after it was let go is done again by another. */
  get #owns(): boolean {
    return this.#options.owner !== undefined && this.#tenures.open.length > 0;
  }

  #isVoid(tenure: Tenure): boolean {
    return tenure.isOver || this.#hasFailed;
  }

  #commit(tenure: Tenure, offsets: ReadonlyMap<string, number>): Promise<void> {
    if (!this.#isVoid(tenure)) {
      for (const [topic, offset] of offsets) this.#offsets.reached(topic, tenure.partition, offset);
    }
    return Promise.resolve();
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { topic, partition } = batch;
    const tenure = this.#tenures.of(partition);
    const { generation } = this.#tenures;
    const position = this.#positions.get(placeOf(topic, partition));
    // Of a generation that is over, it begins where that one was; of a partition that is not ours, it is another's.
    if (tenure?.isRunning !== true || generationOf(batch) !== generation) return;
    if (this.#options.owner && position === undefined) return;
    const records = recordsFrom(batch, position ?? 0);
    if (records.length === 0 || payload.isStale() || !payload.isRunning()) return;
    // Not the first record's offset: what the broker leaves out behind the one that was asked for was never there.
    const askedFor = Number((batch as unknown as { readonly fetchedOffset: string }).fetchedOffset);
    if (position !== undefined && askedFor > position) {
      this.#fail(new LostRangeError(topic, partition, position, askedFor));
      return;
    }
    this.#inFlight += 1;
    const work = withHeartbeats(payload, () => this.#take(payload, tenure, records));
    tenure.underWay.add(work);
    try {
      await work;
    } finally {
      tenure.underWay.delete(work);
      this.#inFlight -= 1;
      this.#watchdog.moved();
    }
  }

  /**
   * A batch is handled, and counts as handled, only while the partition is with this member. A handler's own error ends
   * the process, and is thrown on, so that kafkajs sends no heartbeat after this batch.
   */
  async #take(payload: EachBatchPayload, tenure: Tenure, records: readonly LogRecord[]): Promise<void> {
    const { batch } = payload;
    const { topic, partition } = batch;
    const { generation } = this.#tenures;
    const endOffset = Number(batch.lastOffset()) + 1;
    await yieldToEventLoop();
    try {
      if (this.#isVoid(tenure)) return;
      await this.#handle({ topic, partition, records, endOffset, logEnd: Number(batch.highWatermark) });
    } catch (error) {
      if (tenure.isOver && error instanceof PartitionMovedError) return;
      this.#fail(error);
      throw error;
    }
    if (this.#isVoid(tenure)) return;
    this.#positions.set(placeOf(topic, partition), endOffset);
    if (!this.#options.owner) this.#offsets.reached(topic, partition, endOffset);
    // Of a later generation the position says where this partition goes on.
    if (generation === this.#tenures.generation) payload.resolveOffset(batch.lastOffset());
    // The member is about to leave: later there is nobody to tell.
    if (this.#closing) await this.#offsets.flush();
  }
}
