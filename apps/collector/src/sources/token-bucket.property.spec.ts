import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { filled, fullBucket, taken, waitOf } from './token-bucket.js';

const MAX_BATCH = 2_500;
const rates = fc.record({
  eventsPerSecond: fc.double({ min: 0.25, max: 100_000, noNaN: true }),
  burst: fc.double({ min: 1, max: 200_000, noNaN: true }),
});
const steps = fc.array(
  fc.record({ afterMs: fc.integer({ min: 0, max: 5_000 }), events: fc.integer({ min: 1, max: MAX_BATCH }) }),
  { maxLength: 60 },
);

describe('a token bucket', () => {
  it('takes, between any two instants, no more than burst + rate × time and one batch', () => {
    fc.assert(
      fc.property(rates, steps, (rate, requests) => {
        let now = 0;
        let bucket = fullBucket(rate, now);
        const log: { readonly at: number; readonly events: number }[] = [];
        for (const { afterMs, events } of requests) {
          now += afterMs;
          bucket = filled(bucket, rate, now);
          const rest = taken(bucket, events);
          if (rest) log.push({ at: now, events });
          bucket = rest ?? bucket;
        }
        for (const [i, from] of log.entries()) {
          let sum = 0;
          for (const { at, events } of log.slice(i)) {
            sum += events;
            const bound = rate.burst + (rate.eventsPerSecond * (at - from.at)) / 1_000 + MAX_BATCH;
            expect(sum).toBeLessThanOrEqual(bound * (1 + 1e-9));
          }
        }
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('takes a batch of any size after the time that it says, and none before', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: MAX_BATCH }), (rate, events) => {
        let bucket = fullBucket(rate, 0);
        for (let rest = taken(bucket, events); rest; rest = taken(bucket, events)) bucket = rest;
        const wait = waitOf(bucket, rate);
        expect(wait).toBeGreaterThan(0);
        expect(taken(filled(bucket, rate, wait * 0.99 - 0.001), events)).toBeUndefined();
        expect(taken(filled(bucket, rate, wait * 1.001 + 0.001), events)).toBeDefined();
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('is not filled by a clock that goes back', () => {
    const rate = { eventsPerSecond: 10, burst: 10 };
    expect(filled({ tokens: 3, at: 1_000 }, rate, 0)).toEqual({ tokens: 3, at: 0 });
  });
});
