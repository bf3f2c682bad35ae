import { setTimeout as delay } from 'node:timers/promises';
import type { Client, IdentifiedCall } from '@tributary/harness';
import { NotDeliveredError, RefusedError } from './crash-test.errors.js';
import type { Ledger } from './ledger.js';

const REQUEST_TIMEOUT_MS = 3_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
const DELIVER_WITHIN_MS = 240_000;
const REMEMBERED = 100;

export interface LoadOptions {
  readonly ledger: Ledger;
  readonly client: Client;
  readonly next: () => readonly IdentifiedCall[];
  readonly callsPerSecond: number;
  /** How many requests are under way at once, at most. */
  readonly concurrency: number;
}

/** Clients of the collector: each request is sent again, with the same messageIds, until it is answered. */
export class Load {
  readonly #options: LoadOptions;
  readonly #delivered: (readonly IdentifiedCall[])[] = [];
  #answered = 0;
  #running = false;
  #givenUp = false;
  #dueAt = 0;
  #senders: Promise<unknown> = Promise.resolve();

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Rejects, once and after all, when a request was refused or not answered in time. */
  get ended(): Promise<unknown> {
    return this.#senders;
  }

  /** Calls that were answered with 200, as often as they were. */
  get answered(): number {
    return this.#answered;
  }

  /** The latest requests that were answered with 200, oldest first. */
  get delivered(): readonly (readonly IdentifiedCall[])[] {
    return this.#delivered;
  }

  start(): void {
    this.#running = true;
    this.#dueAt = performance.now();
    this.#senders = Promise.all(Array.from({ length: this.#options.concurrency }, () => this.#sends()));
    this.#senders.catch(() => undefined);
  }

  /** Begins no more requests; resolves when those under way are answered. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#senders;
  }

  /** Begins no more requests and sends none again; for a run that has failed. */
  async giveUp(): Promise<void> {
    this.#givenUp = true;
    await this.stop().catch(() => undefined);
  }

  /**
   * Sends one request until it is answered with 200.
   *
   * @throws RefusedError, NotDeliveredError
   */
  async deliver(calls: readonly IdentifiedCall[]): Promise<void> {
    const deadline = performance.now() + DELIVER_WITHIN_MS;
    let last = 'nothing yet';
    for (
      let pause = FIRST_PAUSE_MS;
      performance.now() < deadline;
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    ) {
      this.#options.ledger.sends(calls);
      const answer = await this.#post(calls);
      if (answer.status === 200) {
        this.#isDelivered(calls, answer.text);
        return;
      }
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429)
        throw new RefusedError(answer.status, answer.text);
      last = `${answer.status} ${answer.text}`;
      if (this.#givenUp) break;
      await delay(pause);
    }
    throw new NotDeliveredError(last);
  }

  async #sends(): Promise<void> {
    const { next, callsPerSecond } = this.#options;
    while (this.#running) {
      const calls = next();
      const wait = this.#dueAt - performance.now();
      // After an outage the load goes on at its rate and does not make up for what it missed.
      this.#dueAt =
        Math.max(this.#dueAt, performance.now() - 1_000) + (calls.length * 1_000) / callsPerSecond;
      if (wait > 0) await delay(wait);
      await this.deliver(calls);
    }
  }

  #isDelivered(calls: readonly IdentifiedCall[], text: string): void {
    const { accepted } = JSON.parse(text) as { readonly accepted?: number };
    if (accepted !== calls.length) throw new RefusedError(200, text);
    this.#options.ledger.answered(calls);
    this.#answered += calls.length;
    this.#delivered.push(calls);
    if (this.#delivered.length > REMEMBERED) this.#delivered.shift();
  }

  /** Status 0: there was no answer, or only a part of one. */
  async #post(batch: readonly IdentifiedCall[]): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      const response = await this.#options.client.post('/v1/batch', JSON.stringify({ batch }), { signal });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      return { status: 0, text: error instanceof Error ? error.message : String(error) };
    }
  }
}
