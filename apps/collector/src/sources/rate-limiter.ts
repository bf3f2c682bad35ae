import type { Clock } from '@tributary/kernel';
import type { RateLimit, Source } from './source-registry.port.js';
import { filled, fullBucket, taken, waitOf, type Bucket } from './token-bucket.js';

/** Keeps each source to its rate. A source without one costs nothing. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();

  /** Of several processes that take a source's calls side by side, each takes its part of the rate. */
  constructor(
    private readonly clock: Clock,
    private readonly processes = 1,
  ) {}

  /** Milliseconds that the source has to wait before it may send anything; 0: none. Takes nothing. */
  waitOf(source: Source): number {
    if (!source.rateLimit) return 0;
    const rate = this.#part(source.rateLimit);
    return waitOf(this.#bucket(source, rate), rate);
  }

  /** Takes a batch whole and answers 0, or takes nothing and answers with the milliseconds to wait. */
  take(source: Source, events: number): number {
    if (!source.rateLimit) return 0;
    const rate = this.#part(source.rateLimit);
    const bucket = this.#bucket(source, rate);
    const rest = taken(bucket, events);
    this.#buckets.set(source.sourceId, rest ?? bucket);
    return rest ? 0 : waitOf(bucket, rate);
  }

  /** It outlives changes of the source: a new definition is no new burst. */
  #bucket({ sourceId }: Source, rate: RateLimit): Bucket {
    const now = this.clock.now();
    const bucket = this.#buckets.get(sourceId);
    return bucket ? filled(bucket, rate, now) : fullBucket(rate, now);
  }

  #part({ eventsPerSecond, burst }: RateLimit): RateLimit {
    return {
      eventsPerSecond: eventsPerSecond / this.processes,
      burst: Math.max(1, burst / this.processes),
    };
  }
}
