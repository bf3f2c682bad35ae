import type { Topic } from '@tributary/contracts';
import { STUCK_AFTER_MS } from './client-settings.js';
import type { KafkaConnection } from './connection.js';
import { PartitionReader } from './partition-reader.js';
import type { LogRecord } from './records.js';
import { logBounds } from './topics.js';
import { Watchdog } from './watchdog.js';

export interface TopicFollowerOptions {
  /** Follows from the topic's end at the start, and hands over nothing that was there before. */
  readonly fromEnd?: boolean;
  /** Where the reading of partitions begins, by partition; the others begin as they would without it. */
  readonly starts?: ReadonlyMap<number, number>;
  /** Behind the end of the topic, and nothing moved for this long: it has died. 30,000 ms unless given. */
  readonly stuckAfterMs?: number;
  /**
   * Ends the process, for what it holds of the topic is stale from now on: the handler threw, records are gone
   * (LostRangeError), the client gave up, or nothing comes although there is more (StuckError). Told once; unless given,
   * the error is a rejection that nobody handles.
   */
  readonly onFatal?: (error: unknown) => void;
}

/**
 * Reads a whole topic from its beginning and goes on as it grows: for definitions, which every process holds whole.
 */
export class TopicFollower {
  readonly #connection: KafkaConnection;
  readonly #topic: string;
  readonly #onRecord: (record: LogRecord) => void | Promise<void>;
  readonly #options: TopicFollowerOptions;
  readonly #watchdog: Watchdog;
  #reader: PartitionReader | undefined;
  #isBusy = false;
  #hasEnded = false;
  readonly #onFatal: (error: unknown) => void;
  #end: (error: unknown) => void;

  constructor(
    connection: KafkaConnection,
    topic: Pick<Topic, 'name'>,
    onRecord: (record: LogRecord) => void | Promise<void>,
    options: TopicFollowerOptions = {},
  ) {
    this.#connection = connection;
    this.#topic = topic.name;
    this.#onRecord = onRecord;
    this.#options = options;
    this.#onFatal = options.onFatal ?? rejectUnhandled;
    this.#end = this.#onFatal;
    this.#watchdog = new Watchdog({
      stuckAfterMs: options.stuckAfterMs ?? STUCK_AFTER_MS,
      positions: () =>
        new Map([...(this.#reader?.positions ?? [])].map(([p, offset]) => [`${this.#topic}/${p}`, offset])),
      busy: () => this.#isBusy,
      logEnds: (name) => logBounds(connection, name),
      onStuck: (error) => {
        this.#fail(error);
      },
    });
  }

  /**
   * Resolves when everything that was in the topic at the call has been handed over; then follows. What ends it before
   * that rejects this promise instead of going to `onFatal`.
   */
  async start(): Promise<void> {
    const bounds = await logBounds(this.#connection, this.#topic);
    if (this.#hasEnded) return;
    const { fromEnd, starts: given } = this.#options;
    const starts = new Map(
      [...bounds].map(([p, { start, end }]) => [p, given?.get(p) ?? (fromEnd ? end : start)] as const),
    );
    const behind = new Set([...bounds].filter(([p, { end }]) => (starts.get(p) ?? 0) < end).map(([p]) => p));
    const caughtUp = Promise.withResolvers<undefined>();
    this.#end = caughtUp.reject;
    this.#reader = new PartitionReader({
      ...{ connection: this.#connection, topic: this.#topic, starts },
      onRecord: (record) => this.#take(record),
      onReached: (partition, next) => {
        this.#watchdog.moved();
        if (next >= (bounds.get(partition)?.end ?? 0)) behind.delete(partition);
        if (behind.size === 0) caughtUp.resolve(undefined);
        return false;
      },
      onFatal: (error) => {
        this.#fail(error);
      },
    });
    this.#watchdog.start();
    if (behind.size > 0) await caughtUp.promise;
    this.#end = this.#onFatal;
  }

  /** Waits for a record that is being handed over, and for nothing else. */
  async stop(): Promise<void> {
    this.#hasEnded = true;
    this.#watchdog.stop();
    await this.#reader?.close();
  }

  async #take(record: LogRecord): Promise<void> {
    this.#isBusy = true;
    try {
      await this.#onRecord(record);
    } finally {
      this.#isBusy = false;
    }
  }

  #fail(error: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#watchdog.stop();
    // Not waited for: it waits in its turn for the handler that may have brought us here.
    void this.#reader?.close();
    this.#end(error);
  }
}

function rejectUnhandled(error: unknown): void {
  void Promise.reject(error instanceof Error ? error : new Error(String(error)));
}
