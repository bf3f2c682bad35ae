import { TOPICS, type AssignmentMessage } from '@tributary/contracts';
import { followTopic } from '@tributary/harness';
import type { KafkaConnection, LogRecord } from '@tributary/kafka';
import { eventually } from '@tributary/testing';
import { monotonicMs } from '../load/clock.js';
import type { WrittenEvent } from './event-writer.js';

const POLL_MS = 5;
const STALLED_MS = 120_000;

interface OpenEvent {
  readonly offset: number;
  /** By `monotonicMs`; absent where its latency is of no interest. */
  readonly writtenAt?: number;
}

interface Through {
  readonly offset: number;
  readonly at: number;
}

/** Sees from outside when identity has answered an event: its identifier's assignment covers its offset. */
export class AssignmentsWatch {
  /** By key, events that are not covered yet; of one key in order. */
  readonly #open = new Map<string, OpenEvent[]>();
  /** How far each key's assignment was seen to go, of those seen since the last `forget`. */
  readonly #through = new Map<string, Through>();
  #isListening = false;
  #openCount = 0;
  #coveredAt = 0;
  #latencies: number[] = [];

  static async start(connection: KafkaConnection, stack: AsyncDisposableStack): Promise<AssignmentsWatch> {
    const watch = new AssignmentsWatch();
    await followTopic(stack, connection, TOPICS.assignments, {
      from: 'now',
      onRecord: (record) => {
        if (watch.#isListening) watch.#take(record);
      },
    });
    return watch;
  }

  /** From now on it takes note; before, what comes costs it nothing. */
  listen(): void {
    this.#isListening = true;
  }

  /** Forgets what it took note of, and takes no note of what comes. */
  forget(): void {
    this.#isListening = false;
    this.#open.clear();
    this.#through.clear();
    this.#openCount = 0;
    this.#latencies = [];
  }

  /** Events that bore nobody new are not waited for: nothing is published of them. The latencies are of those that are timed. */
  expect(events: readonly WrittenEvent[], timing: 'timed' | 'untimed' = 'timed'): void {
    for (const { key, links, offset, at: writtenAt } of events) {
      if (links === 0) continue;
      const event = { offset, ...(timing === 'timed' && { writtenAt }) };
      const through = this.#through.get(key);
      if (through && through.offset >= offset) {
        this.#cover(event, through.at);
        continue;
      }
      this.#openCount += 1;
      const open = this.#open.get(key);
      if (open) open.push(event);
      else this.#open.set(key, [event]);
    }
  }

  get openCount(): number {
    return this.#openCount;
  }

  /** From Kafka's acknowledgement of each event to the assignment's arrival here, in milliseconds. */
  get latenciesMs(): readonly number[] {
    return this.#latencies;
  }

  /**
   * Resolves when no more than so many events are open, with the time of the last that was covered, by `monotonicMs`.
   *
   * @throws Error when for two minutes none is covered
   */
  async until(open = 0): Promise<number> {
    await eventually(() => ({ left: this.#openCount, first: this.#open.keys().next().value }), {
      ...{ left: ({ left }) => left - open, withinMs: STALLED_MS, everyMs: POLL_MS },
      what: 'the answer to every event',
    });
    return this.#coveredAt;
  }

  #take({ key, value }: LogRecord): void {
    if (!value) return;
    const { resolvedThrough } = JSON.parse(value.toString('utf8')) as AssignmentMessage;
    const through = { offset: resolvedThrough.offset, at: monotonicMs() };
    this.#through.set(key, through);
    const open = this.#open.get(key);
    if (!open) return;
    const covered = open.findIndex(({ offset }) => offset > through.offset);
    for (const event of open.splice(0, covered < 0 ? open.length : covered)) {
      this.#openCount -= 1;
      this.#cover(event, through.at);
    }
    if (open.length === 0) this.#open.delete(key);
  }

  #cover({ writtenAt }: OpenEvent, at: number): void {
    this.#coveredAt = Math.max(this.#coveredAt, at);
    // The acknowledgement may come here after what follows from it.
    if (writtenAt !== undefined) this.#latencies.push(Math.max(0, at - writtenAt));
  }
}
