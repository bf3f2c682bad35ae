import { describe, expect, it } from '@jest/globals';
import { cpuBetween, usageOf } from './processes.js';

describe('usageOf', () => {
  it('tells what this process used, within a few ticks of what it says itself', () => {
    const { cpuMicroseconds, ownBytes, peakBytes } = usageOf(process.pid);
    const own = process.cpuUsage();
    expect(Math.abs(own.user + own.system - cpuMicroseconds)).toBeLessThan(500_000);
    expect(ownBytes).toBeGreaterThan(20 * 2 ** 20);
    expect(peakBytes).toBeGreaterThanOrEqual(ownBytes);
  });
});

describe('cpuBetween', () => {
  it('is what each process used in the meantime', () => {
    const usage = (cpuMicroseconds: number) => ({ cpuMicroseconds, ownBytes: 1, peakBytes: 1 });
    const before = new Map([['kafka', usage(1_000)]]);
    const after = new Map([['kafka', usage(1_500)]]);
    expect([...cpuBetween(before, after)]).toEqual([['kafka', 500]]);
  });
});
