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
  #memberId: string | undefined;
  #isExpelled = false;
  #hasEnded = false;

  constructor(readonly sessionTimeoutMs: number) {}

  /**
   * Follows a consumer's requests. A member that joins by another id was expelled before: what it still holds then,
   * as `holds` says, may have been another's in between, and no later heartbeat makes up for that.
   */
  watch(consumer: Consumer, holds: () => boolean): void {
    consumer.on(consumer.events.REQUEST, ({ payload }) => {
      if (GROUP_REQUESTS.has(payload.apiName))
        this.#lastSent = performance.now() - (Date.now() - payload.sentAt);
    });
    const good = () => {
      this.#lastGood = Math.max(this.#lastGood, this.#lastSent);
    };
    consumer.on(consumer.events.HEARTBEAT, good);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberId } }) => {
      if (this.#memberId !== undefined && memberId !== this.#memberId && holds()) this.#isExpelled = true;
      this.#memberId = memberId;
      good();
    });
  }

  /** This member has failed and sends no heartbeat any more: it writes nothing from now on. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Whether {@link assertAlive} would not throw. */
  isAlive(): boolean {
    return !this.#isExpelled && !this.#hasEnded && this.#age < this.sessionTimeoutMs;
  }

  get #age(): number {
    return performance.now() - this.#lastGood;
  }

  /** Throws when the group may have given this member's partitions to another. */
  assertAlive(): void {
    const age = this.#age;
    if (this.#isExpelled) throw new FencedError(age, this.sessionTimeoutMs, 'expelled');
    if (this.#hasEnded) throw new FencedError(age, this.sessionTimeoutMs, 'failed');
    if (age >= this.sessionTimeoutMs) throw new FencedError(age, this.sessionTimeoutMs);
  }
}

const WHY = {
  silent: (silentMs: number, timeoutMs: number) =>
    `the last heartbeat is ${Math.round(silentMs)} ms old and the session times out after ${timeoutMs} ms`,
  expelled: () => 'the group let this member go while it held partitions',
  failed: () => 'the consumer of this member has failed and sends no heartbeat any more',
};

/** This process slept past its session, or its consumer failed: what it owns may be another's by now, so it writes nothing more. */
export class FencedError extends Error {
  constructor(
    readonly silentMs: number,
    readonly sessionTimeoutMs: number,
    /** A member that was silent might be heard again; to be expelled or to fail is for ever. */
    readonly why: keyof typeof WHY = 'silent',
  ) {
    super(
      `${WHY[why](silentMs, sessionTimeoutMs)}: another member may own these partitions, so this one ends`,
    );
    this.name = 'FencedError';
  }
}
