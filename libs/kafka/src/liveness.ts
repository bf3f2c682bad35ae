import { performance } from 'node:perf_hooks';
import type { Consumer } from 'kafkajs';

const GROUP_REQUESTS = new Set(['Heartbeat', 'JoinGroup', 'SyncGroup']);

/**
 * Knows when the group last heard of this member: the instant at which the last request that the coordinator took
 * was *sent*; an answer that lay in the socket while the process was paused proves nothing about now.
 */
export class Liveness {
  #lastGood = performance.now();
  #lastSent = performance.now();

  constructor(readonly sessionTimeoutMs: number) {}

  /** Follows a consumer's requests. */
  watch(consumer: Consumer): void {
    consumer.on(consumer.events.REQUEST, ({ payload }) => {
      if (GROUP_REQUESTS.has(payload.apiName))
        this.#lastSent = performance.now() - (Date.now() - payload.sentAt);
    });
    const good = () => {
      this.#lastGood = Math.max(this.#lastGood, this.#lastSent);
    };
    consumer.on(consumer.events.HEARTBEAT, good);
    consumer.on(consumer.events.GROUP_JOIN, good);
  }

  /** Throws when the group may have given this member's partitions to another. */
  assertAlive(): void {
    const age = performance.now() - this.#lastGood;
    if (age >= this.sessionTimeoutMs) throw new FencedError(age, this.sessionTimeoutMs);
  }
}

/** This process slept past its session: what it owns may be another's by now, so it writes nothing more. */
export class FencedError extends Error {
  constructor(
    readonly silentMs: number,
    readonly sessionTimeoutMs: number,
  ) {
    super(
      `the last heartbeat is ${Math.round(silentMs)} ms old and the session times out after ${sessionTimeoutMs} ms: ` +
        'another member may own these partitions, so this one ends',
    );
    this.name = 'FencedError';
  }
}
