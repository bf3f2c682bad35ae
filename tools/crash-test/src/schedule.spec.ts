import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planFaults } from './schedule.js';

describe('planFaults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planFaults(1, 10)).toEqual(planFaults(1, 10));
    expect(planFaults(1, 10)).not.toEqual(planFaults(2, 10));
  });

  it('has every fault that there is, however short the run, in the order of time and within the run', () => {
    const everything = new Set(planFaults(0, 60).map(({ kind, target }) => `${kind} ${target}`));
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 1, max: 30, noNaN: true }), (seed, minutes) => {
        const faults = planFaults(seed, minutes);
        expect(new Set(faults.map(({ kind, target }) => `${kind} ${target}`))).toEqual(everything);
        const times = faults.map(({ at }) => at);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(Math.max(...times)).toBeLessThan(minutes * 60_000);
      }),
      { numRuns: 50 },
    );
  });
});
