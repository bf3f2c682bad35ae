import { isRecordRefused, type OutgoingRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppendFailure, EventLog } from './event-log.port.js';
import { InFlight } from './in-flight.js';
import type { KafkaSender } from './kafka-sender.port.js';
import { recordsOf, replaySegment, type Passes } from './replay.js';
import type { Segment } from './spool/segment.js';
import type { Spool } from './spool/spool.js';

export interface DurableEventLogOptions {
  readonly kafka: KafkaSender;
  readonly spool: Spool;
  readonly inFlight: InFlight;
  /** How long a request waits for Kafka before it and all behind it go to the spool, in milliseconds. */
  readonly patienceMs: number;
  /** Which records of the spool go to Kafka; all unless given. */
  readonly passes?: Passes;
  /** Kafka is away: with what failed. */
  readonly onAway: (reason: unknown) => void;
  /** The spool is empty, and records go to Kafka directly again. */
  readonly onBack: () => void;
  readonly onReplayFailed: (error: unknown) => void;
}

type Answer = Result<undefined, AppendFailure>;

/** A request that waits for its answer, in memory as long as `holders` need it. */
interface Entry {
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
  readonly holder: string | undefined;
  readonly since: number;
  readonly answer: (answer: Answer) => void;
  holders: number;
}

/** What a record costs in memory beside its value, about: objects, key and headers. */
const RECORD_BYTES = 1_024;
/** With no more than this on disk, what comes waits in memory until it can follow the rest to Kafka. */
const HAND_OVER_BYTES = 1_000_000;
const REPLAY_PAUSE_MS = 500;
const REFUSAL_REMEMBERED_MS = 5_000;
const KEPT: Answer = ok(undefined);

/**
 * Kafka, and the disk while Kafka is away. A request that Kafka does not acknowledge in time takes all that wait behind
 * it to the spool, and what comes then follows them, until the last of it has been handed to Kafka in order.
 */
export class DurableEventLog implements EventLog {
  readonly #options: DurableEventLogOptions;
  /** Sent to Kafka and not answered, oldest first. */
  readonly #sent = new Set<Entry>();
  /** Come while the rest of the spool is handed to Kafka. */
  #held: Entry[] | undefined;
  #direct = true;
  #closed = false;
  #refusedAt = -Infinity;
  #recovering: Promise<void> = Promise.resolve();
  #watch: NodeJS.Timeout | undefined;

  constructor(options: DurableEventLogOptions) {
    this.#options = options;
  }

  /** Begins with what is in the spool already. */
  start(): void {
    this.#watch = setInterval(
      () => {
        this.#look();
      },
      Math.min(100, this.#options.patienceMs / 4),
    );
    this.#watch.unref();
    this.takeUp();
  }

  /** Where something was added to the spool by other means: its records go to Kafka first. */
  takeUp(): void {
    if (this.#direct && !this.#options.spool.isEmpty) this.#leaveKafka();
  }

  /** Whether records go to Kafka without a way over the disk. */
  get isDirect(): boolean {
    return this.#direct;
  }

  /** Whether a request would be kept: false for five seconds after one was not. */
  get isTaking(): boolean {
    return performance.now() - this.#refusedAt > REFUSAL_REMEMBERED_MS;
  }

  append(records: readonly OutgoingRecord[], holder?: string): Promise<Answer> {
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0) + RECORD_BYTES, 0);
    if (!this.#options.inFlight.reserve(bytes, holder)) return Promise.resolve(failed('overloaded'));
    return new Promise((answer) => {
      const entry: Entry = { records, bytes, holder, since: performance.now(), answer, holders: 0 };
      if (this.#direct) this.#send(entry);
      else if (this.#held) this.#held.push(entry);
      else this.#keep(entry);
    });
  }

  /** Answers everybody: who waits for Kafka still is kept in the spool. What is in there waits for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    this.#keepHeld();
    this.#moveToSpool();
    await this.#options.spool.close();
  }

  #send(entry: Entry): void {
    this.#sent.add(entry);
    entry.holders += 1;
    this.#options.kafka.send(entry.records).then(
      () => {
        this.#acknowledged(entry);
      },
      (error: unknown) => {
        this.#notTaken(entry, error);
      },
    );
  }

  #acknowledged(entry: Entry): void {
    if (this.#sent.delete(entry)) entry.answer(KEPT);
    this.#release(entry);
  }

  #notTaken(entry: Entry, error: unknown): void {
    if (this.#sent.has(entry)) {
      // It would never pass, from the spool neither, and Kafka is there.
      if (isRecordRefused(error)) {
        this.#sent.delete(entry);
        this.#refuse(entry);
      } else this.#isAway(error);
    }
    this.#release(entry);
  }

  #look(): void {
    const [oldest] = this.#sent;
    const waited = performance.now() - (oldest?.since ?? Infinity);
    if (waited > this.#options.patienceMs)
      this.#isAway(new Error(`no acknowledgement within ${Math.round(waited)} ms`));
  }

  #isAway(reason: unknown): void {
    this.#options.onAway(reason);
    this.#moveToSpool();
    if (this.#direct) this.#leaveKafka();
  }

  /** In the order in which they came; what Kafka has not begun with is taken back from it. */
  #moveToSpool(): void {
    const waiting = [...this.#sent];
    this.#sent.clear();
    for (const entry of waiting) this.#keep(entry);
    this.#options.kafka.withdraw();
  }

  #keep(entry: Entry): void {
    entry.holders += 1;
    void this.#options.spool.append(entry.records).then((kept) => {
      if (kept === 'kept') entry.answer(KEPT);
      else this.#refuse(entry);
      this.#release(entry);
    });
  }

  #refuse(entry: Entry): void {
    this.#refusedAt = performance.now();
    entry.answer(failed('unavailable'));
  }

  #release(entry: Entry): void {
    entry.holders -= 1;
    if (entry.holders === 0) this.#options.inFlight.release(entry.bytes, entry.holder);
  }

  #leaveKafka(): void {
    this.#direct = false;
    this.#recovering = this.#recovering.then(() => this.#recover());
  }

  /** Until all is in Kafka: the oldest first, again and again while Kafka does not take it. */
  async #recover(): Promise<void> {
    const { spool, kafka, passes } = this.#options;
    let isBack = false;
    while (!this.#closed && !this.#direct) {
      try {
        if (isBack && spool.bytes <= HAND_OVER_BYTES) {
          await this.#handOver();
          continue;
        }
        const segment = await spool.oldest();
        if (segment) {
          await replaySegment(spool, segment, kafka, passes);
          isBack = true;
        } else if (spool.isEmpty) this.#becomeDirect();
      } catch (error) {
        isBack = false;
        this.#options.onReplayFailed(error);
        await delay(REPLAY_PAUSE_MS);
      }
    }
  }

  /**
   * The last of the spool and what follows it, in order: 1. what comes from now on waits in memory; 2. the rest is read,
   * and given to Kafka; 3. what waited is given to Kafka behind it, and what comes then needs no spool; 4. when Kafka has
   * the rest, it goes from the disk: a crash before that repeats it.
   */
  async #handOver(): Promise<void> {
    const { spool, kafka, passes = () => true } = this.#options;
    const held: Entry[] = [];
    this.#held = held;
    let rest: readonly Segment[] = [];
    let records: readonly OutgoingRecord[] = [];
    try {
      rest = await spool.rest();
      for (const segment of rest) records = records.concat(recordsOf(await spool.read(segment), passes));
    } catch (error) {
      this.#keepHeld();
      throw error;
    }
    if (this.#closed) return;
    const sent = kafka.send(records);
    this.#held = undefined;
    this.#becomeDirect();
    for (const entry of held) this.#send(entry);
    try {
      await sent;
    } catch (error) {
      this.#isAway(error);
      throw error;
    }
    for (const segment of rest) await spool.remove(segment);
  }

  #becomeDirect(): void {
    this.#direct = true;
    this.#options.onBack();
  }

  #keepHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const entry of held) this.#keep(entry);
  }
}
