import { ALL_TOPICS } from '@tributary/contracts';
import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs';
import { coPartitionedAssigner } from './assigner.js';
import type { KafkaConnection } from './connection.js';
import { GroupOffsets } from './group-offsets.js';
import { LostRangeError } from './kafka.errors.js';
import { silence } from './kafkajs-consumer-group.js';
import { Liveness } from './liveness.js';
import type { PartitionOwner } from './partition-owner.js';
import type { PartitionBatch } from './records.js';
import { toLogRecord } from './to-log-record.js';
import { groupOffsets, logBounds } from './topics.js';
import { yieldToEventLoop } from './event-loop.js';
import { Watchdog, type Lag } from './watchdog.js';

export interface GroupConsumerOptions {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** How many partitions' batches are handled at once. */
  readonly concurrency?: number;
  /** Without one, offsets are committed to the group once the handler has resolved, within a second. */
  readonly owner?: PartitionOwner;
  readonly sessionTimeoutMs?: number;
  /** Assigned partitions with lag, and nothing moved for this long: the process ends. */
  readonly stuckAfterMs?: number;
  /** Takes the lag of the assigned partitions, three times in `stuckAfterMs`. */
  readonly onLag?: ((groupId: string, lags: readonly Lag[]) => void) | undefined;
  /**
   * Ends the process: what happened was not expected, and no offset may be committed past it. Told once, and after it
   * the group hears no heartbeat of this member.
   */
  readonly onFatal: (error: unknown) => void;
}

const COMPACTED = new Set(ALL_TOPICS.filter((topic) => topic.cleanup.compact).map((topic) => topic.name));
/** For the next record, not for company: it ends with the first one. Each wait that passes costs the broker a look at all. */
const FETCH_WAIT_MS = 500;

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
  #assignment: Readonly<Record<string, readonly number[]>> = {};
  /** Partitions that are restored, or being restored, by the join that gave them. */
  readonly #held = new Map<number, Promise<ReadonlyMap<string, number>>>();
  #generation = -1;
  #inFlight = 0;
  #joining: Promise<void> = Promise.resolve();
  #memberId: string | undefined;
  #closing = false;
  #hasFailed = false;

  constructor(options: GroupConsumerOptions, handle: (batch: PartitionBatch) => Promise<void>) {
    this.#options = options;
    this.#handle = handle;
    this.liveness = new Liveness(options.sessionTimeoutMs ?? 6_000);
    this.#consumer = options.connection.client.consumer({
      groupId: options.groupId,
      sessionTimeout: this.liveness.sessionTimeoutMs,
      rebalanceTimeout: 15_000,
      heartbeatInterval: Math.min(1_000, this.liveness.sessionTimeoutMs / 4),
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: 524_288,
      maxBytes: 4_194_304,
      allowAutoTopicCreation: false,
      partitionAssigners: [
        coPartitionedAssigner(() => ({ owned: [...this.#held.keys()], generation: this.#generation })),
      ],
    });
    this.#offsets = new GroupOffsets(this.#consumer);
    this.#watchdog = new Watchdog({
      stuckAfterMs: options.stuckAfterMs ?? 30_000,
      positions: () => this.#whereabouts(),
      busy: () => this.#inFlight > 0,
      logEnds: (topic) => logBounds(options.connection, topic),
      onStuck: (error) => {
        this.#fail(error);
      },
      onLag: (lags) => options.onLag?.(options.groupId, lags),
    });
  }

  /** Joins the group; resolves once the first assignment is restored. */
  async start(): Promise<void> {
    const { events } = this.#consumer;
    this.liveness.watch(this.#consumer, () => this.#held.size > 0);
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
    const joined = new Promise<void>((resolve) => {
      this.#consumer.on(events.GROUP_JOIN, (event) => {
        const generation = this.#hold(event);
        this.#joining = this.#joining
          .then(() => this.#takeOver(event, generation))
          .catch((error: unknown) => {
            this.#fail(error);
          });
        void this.#joining.then(resolve);
      });
    });
    this.#consumer.on(
      events.END_BATCH_PROCESS,
      ({ payload: { topic, partition, batchSize, lastOffset } }) => {
        const place = `${topic}/${partition}`;
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
      partitionsConsumedConcurrently: this.#options.concurrency ?? 8,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
    await joined;
    this.#watchdog.start();
  }

  /** Lets handlers finish, leaves the group, and gives every partition back to the owner. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#watchdog.stop();
    await this.#offsets.flush();
    await this.#consumer.stop();
    await this.#joining;
    for (const partition of this.#held.keys()) await this.#options.owner?.revoked(partition);
    this.#held.clear();
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

  /** Nothing is fetched until the owner has said where to start: the event comes before the first fetch. */
  #hold({ payload }: ConsumerGroupJoinEvent): number {
    this.#memberId = payload.memberId;
    this.#positions.clear();
    this.#assignment = payload.memberAssignment;
    this.#offsets.forget();
    if (this.#options.owner) this.#consumer.pause(partitionsOf(payload.memberAssignment));
    this.#generation += 1;
    return this.#generation;
  }

  async #takeOver({ payload }: ConsumerGroupJoinEvent, generation: number): Promise<void> {
    const { owner } = this.#options;
    if (!owner || generation !== this.#generation) return;
    if (this.#held.size > 0) this.liveness.assertAlive();
    const assignment = Object.entries(payload.memberAssignment);
    const now = new Set(assignment.flatMap(([, partitions]) => partitions));
    await this.#release(owner, now);
    for (const partition of now) {
      // By now another's, perhaps, who has claimed it: a claim behind that one would make void what it writes.
      if (generation !== this.#generation) return;
      await this.#restore(owner, partition);
    }
    if (generation !== this.#generation) return;
    await this.#seek(assignment);
    this.#consumer.resume(partitionsOf(payload.memberAssignment));
  }

  /** Where each partition is. Of one of which nothing was handled yet, the group knows it, unless there is an owner. */
  async #whereabouts(): Promise<ReadonlyMap<string, number>> {
    const { connection, groupId, owner } = this.#options;
    const found = new Map<string, number>();
    for (const [topic, partitions] of owner ? [] : Object.entries(this.#assignment)) {
      const unknown = partitions.filter((partition) => !this.#positions.has(`${topic}/${partition}`));
      if (unknown.length === 0) continue;
      const committed = await groupOffsets(connection, groupId, topic);
      const bounds = await logBounds(connection, topic);
      for (const p of unknown) found.set(`${topic}/${p}`, committed.get(p) ?? bounds.get(p)?.start ?? 0);
    }
    return new Map([...found, ...this.#positions]);
  }

  async #release(owner: PartitionOwner, now: ReadonlySet<number>): Promise<void> {
    for (const partition of [...this.#held.keys()]) {
      if (now.has(partition)) continue;
      this.#held.delete(partition);
      await owner.revoked(partition);
    }
  }

  async #restore(owner: PartitionOwner, partition: number): Promise<void> {
    if (this.#held.has(partition)) {
      // Kept through the rebalance: drained and taken up again where its checkpoint is, so that nothing is skipped.
      await owner.revoked(partition);
    }
    const restored = owner.assigned(partition, (offsets) => this.#commit(partition, offsets));
    this.#held.set(partition, restored);
    await restored;
  }

  async #seek(assignment: readonly (readonly [string, readonly number[]])[]): Promise<void> {
    for (const [topic, partitions] of assignment) {
      const bounds = await logBounds(this.#options.connection, topic);
      for (const partition of partitions) {
        const needed = (await this.#held.get(partition))?.get(topic) ?? 0;
        const start = bounds.get(partition)?.start ?? 0;
        const offset = needed === 0 && COMPACTED.has(topic) ? start : needed;
        if (offset < start) throw new LostRangeError(topic, partition, offset, start);
        this.#positions.set(`${topic}/${partition}`, offset);
        this.#offsets.reached(topic, partition, offset);
        this.#consumer.seek({ topic, partition, offset: String(offset) });
      }
    }
  }

  #commit(partition: number, offsets: ReadonlyMap<string, number>): Promise<void> {
    if (this.#held.has(partition) && !this.#hasFailed) {
      for (const [topic, offset] of offsets) this.#offsets.reached(topic, partition, offset);
    }
    return Promise.resolve();
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { topic, partition } = batch;
    const place = `${topic}/${partition}`;
    const position = this.#positions.get(place);
    if (this.#options.owner && position === undefined) return;
    const from = position ?? 0;
    const records = batch.messages
      .map((message) => toLogRecord(topic, partition, message))
      .filter((record) => record.offset >= from);
    const [first] = records;
    if (!first || payload.isStale() || !payload.isRunning()) return;
    // Not the first record's offset: what the broker leaves out behind the one that was asked for was never there.
    const askedFor = Number((batch as unknown as { readonly fetchedOffset: string }).fetchedOffset);
    if (position !== undefined && askedFor > position) {
      this.#fail(new LostRangeError(topic, partition, position, askedFor));
      return;
    }
    const endOffset = Number(batch.lastOffset()) + 1;
    const generation = this.#generation;
    this.#inFlight += 1;
    try {
      await this.#withHeartbeats(payload, async () => {
        await yieldToEventLoop();
        await this.#handle({ topic, partition, records, endOffset, logEnd: Number(batch.highWatermark) });
      });
      // Of a later generation the owner, or the group's offset, says where this partition goes on.
      if (generation !== this.#generation || this.#hasFailed) return;
      this.#positions.set(place, endOffset);
      payload.resolveOffset(batch.lastOffset());
      if (!this.#options.owner) this.#offsets.reached(topic, partition, endOffset);
      // The member is about to leave: later there is nobody to tell.
      if (this.#closing) await this.#offsets.flush();
    } finally {
      this.#inFlight -= 1;
      this.#watchdog.moved();
    }
  }

  /**
   * A handler's own error ends the process, and is thrown on, so that kafkajs sends no heartbeat after this batch; a
   * failed heartbeat makes kafkajs join again, after the handler is done.
   */
  async #withHeartbeats(payload: EachBatchPayload, work: () => Promise<void>): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    const timer = setInterval(() => {
      payload.heartbeat().catch((error: unknown) => {
        failure ??= { error };
      });
    }, 500);
    try {
      await work();
    } catch (error) {
      this.#fail(error);
      throw error;
    } finally {
      clearInterval(timer);
    }
    if (failure) throw failure.error;
  }
}

function partitionsOf(assignment: Readonly<Record<string, number[]>>) {
  return Object.entries(assignment).map(([topic, partitions]) => ({ topic, partitions }));
}
