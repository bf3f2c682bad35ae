import type { RateLimit } from './source-registry.port.js';

/** Tokens as they were at an instant, in milliseconds; below zero where more was taken than there was. */
export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/*
 * Ours and not a library's: a request is let in before its calls are counted, so the bucket must know debts, which
 * `limiter` and `rate-limiter-flexible` do not; and it is a function of its arguments, so that its law can be tested.
 */

export function fullBucket({ burst }: RateLimit, now: number): Bucket {
  return { tokens: burst, at: now };
}

/** As it is now: one token for each event of the rate, never more than the burst. A clock that goes back adds none. */
export function filled(bucket: Bucket, { eventsPerSecond, burst }: RateLimit, now: number): Bucket {
  const seconds = Math.max(0, now - bucket.at) / 1_000;
  return { tokens: Math.min(burst, bucket.tokens + seconds * eventsPerSecond), at: now };
}

/**
 * Takes a batch whole, however large, where there is a token; undefined where there is none. What is missing becomes
 * a debt that the coming seconds pay. So a batch larger than the burst is not refused for ever, and within any time
 * no more is taken than `burst + rate × time` and one batch.
 */
export function taken(bucket: Bucket, events: number): Bucket | undefined {
  return bucket.tokens >= 1 ? { ...bucket, tokens: bucket.tokens - events } : undefined;
}

/** Milliseconds until there is a token. */
export function waitOf({ tokens }: Bucket, { eventsPerSecond }: RateLimit): number {
  return Math.max(0, ((1 - tokens) / eventsPerSecond) * 1_000);
}
