import type { Topic } from '@tributary/contracts';
import type { Consumer } from 'kafkajs';
import type { KafkaConnection } from './connection.js';
import type { LogRecord } from './records.js';
import { consumeFrom, soleConsumer } from './sole-consumer.js';
import { logBounds } from './topics.js';
import { Watchdog } from './watchdog.js';

export interface TopicFollowerOptions {
  /** Follows from the topic's end at the start, and hands over nothing that was there before. */
  readonly fromEnd?: boolean;
  /** Behind the end of the topic, and nothing moved for this long: it has died. 30,000 ms unless given. */
  readonly stuckAfterMs?: number;
  /**
   * Ends the process, for what it holds of the topic is stale from now on: the handler threw, records are gone
   * (LostRangeError), the client gave up, or nothing comes although there is more (StuckError). Told once; unless given,
   * the error is a rejection that nobody handles.
   */
  readonly onFatal?: (error: unknown) => void;
}

/** Ends with the first record; each wait that passes is work for the broker. */
const FOLLOW_WAIT_MS = 500;

/**
 * Reads a whole topic from its beginning and goes on as it grows: for definitions, which every process holds whole.
 */
export class TopicFollower {
  readonly #connection: KafkaConnection;
  readonly #topic: string;
  readonly #onRecord: (record: LogRecord) => void | Promise<void>;
  readonly #options: TopicFollowerOptions;
  readonly #watchdog: Watchdog;
  /** The next offset of each partition. */
  readonly #next = new Map<number, number>();
  #consumer: Consumer | undefined;
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
      stuckAfterMs: options.stuckAfterMs ?? 30_000,
      positions: () => new Map([...this.#next].map(([p, offset]) => [`${this.#topic}/${p}`, offset])),
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
    for (const [p, { start, end }] of bounds) this.#next.set(p, this.#options.fromEnd ? end : start);
    const isCaughtUp = () => [...bounds].every(([p, { end }]) => (this.#next.get(p) ?? 0) >= end);
    const consumer = soleConsumer(this.#connection, [...bounds.keys()], FOLLOW_WAIT_MS);
    this.#consumer = consumer;
    const { CRASH, END_BATCH_PROCESS } = consumer.events;
    consumer.on(CRASH, ({ payload }) => {
      if (!payload.restart) this.#fail(payload.error);
    });
    await new Promise<void>((resolve, reject) => {
      this.#end = reject;
      const look = () => {
        this.#watchdog.moved();
        if (isCaughtUp()) resolve();
      };
      const started = consumeFrom(consumer, this.#topic, this.#next, (record) => this.#take(record));
      // After those of the line above, which move the offsets: listeners are called in their order.
      consumer.on(END_BATCH_PROCESS, look);
      this.#watchdog.start();
      started.then(look, (error: unknown) => {
        this.#fail(error);
      });
    });
    this.#end = this.#onFatal;
  }

  async stop(): Promise<void> {
    this.#hasEnded = true;
    this.#watchdog.stop();
    await this.#consumer?.disconnect();
  }

  /** An error would otherwise be kafkajs's, which tries the batch again and again. */
  async #take(record: LogRecord): Promise<void> {
    if (this.#hasEnded) return;
    this.#isBusy = true;
    try {
      await this.#onRecord(record);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isBusy = false;
    }
  }

  #fail(error: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#watchdog.stop();
    // Not waited for: it waits in its turn for the handler that may have brought us here.
    void this.#consumer?.stop().catch(() => undefined);
    this.#end(error);
  }
}

function rejectUnhandled(error: unknown): void {
  void Promise.reject(error instanceof Error ? error : new Error(String(error)));
}
