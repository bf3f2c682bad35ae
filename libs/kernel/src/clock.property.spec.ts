import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toInstant } from './clock.js';

const LAST = 8_640_000_000_000_000;
const MINUTE_MS = 60_000;

describe('toInstant', () => {
  it('is what a date writes of it', () => {
    const near = fc.integer({ min: 1_767_225_600_000 - 200_000, max: 1_767_225_600_000 + 200_000 });
    const far = fc.integer({ min: -LAST, max: LAST });
    const broken = fc.double({ min: -1e15, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(fc.oneof(near, far, broken), (at) => {
        expect(toInstant(at)).toBe(new Date(at).toISOString());
      }),
      { numRuns: 2_000 },
    );
  });

  it('throws for what is no instant', () => {
    for (const at of [Number.NaN, Infinity, LAST + MINUTE_MS])
      expect(() => toInstant(at)).toThrow(RangeError);
  });
});
