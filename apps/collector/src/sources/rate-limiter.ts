import type { Clock } from '@tributary/kernel';
import type { RateLimit, Source } from './source-registry.port.js';
import { filled, fullBucket, taken, waitOf, type Bucket } from './token-bucket.js';
import { UNBOUNDED, type Workspaces } from './workspaces.port.js';

/** A bucket and the rate at which it fills. */
interface Bounded {
  readonly key: string;
  readonly rate: RateLimit;
  readonly bucket: Bucket;
}

/** Keeps each source to its rate, and all those of a workspace to theirs. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();

  /** Of several processes that take a source's calls side by side, each takes its part of the rate. */
  constructor(
    private readonly clock: Clock,
    private readonly processes = 1,
    private readonly workspaces: Workspaces = UNBOUNDED,
  ) {}

  /** Milliseconds that the source has to wait before it may send anything; 0: none. Takes nothing. */
  waitOf(source: Source): number {
    return longestWait(this.#boundsOf(source));
  }

  /** Takes a batch whole and answers 0, or takes nothing and answers with the milliseconds to wait. */
  take(source: Source, events: number): number {
    const bounds = this.#boundsOf(source);
    const wait = longestWait(bounds);
    for (const { key, bucket } of bounds) {
      const rest = wait > 0 ? undefined : taken(bucket, events);
      this.#buckets.set(key, rest ?? bucket);
    }
    return wait;
  }

  /** Which of its bounds makes a source wait. */
  reasonOf(source: Source): 'rate_limited' | 'quota_exceeded' {
    const ofWorkspace = this.#boundOf(source.workspaceId, this.workspaces.rateOf(source.workspaceId));
    return longestWait(ofWorkspace) > 0 ? 'quota_exceeded' : 'rate_limited';
  }

  #boundsOf({ workspaceId, sourceId, rateLimit }: Source): readonly Bounded[] {
    const ofWorkspace = this.#boundOf(workspaceId, this.workspaces.rateOf(workspaceId));
    return rateLimit
      ? [...ofWorkspace, ...this.#boundOf(`${workspaceId}/${sourceId}`, rateLimit)]
      : ofWorkspace;
  }

  /** It outlives changes of the source: a new definition is no new burst. */
  #boundOf(key: string, limit: RateLimit | undefined): readonly Bounded[] {
    if (!limit) return [];
    const rate = this.#part(limit);
    const now = this.clock.now();
    const bucket = this.#buckets.get(key);
    return [{ key, rate, bucket: bucket ? filled(bucket, rate, now) : fullBucket(rate, now) }];
  }

  #part({ eventsPerSecond, burst }: RateLimit): RateLimit {
    return {
      eventsPerSecond: eventsPerSecond / this.processes,
      burst: Math.max(1, burst / this.processes),
    };
  }
}

function longestWait(bounds: readonly Bounded[]): number {
  return Math.max(0, ...bounds.map(({ bucket, rate }) => waitOf(bucket, rate)));
}
