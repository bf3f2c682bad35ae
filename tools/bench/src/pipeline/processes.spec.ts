import { describe, expect, it } from '@jest/globals';
import { usageOf } from './processes.js';

describe('usageOf', () => {
  it('tells what this process used, within a few ticks of what it says itself', () => {
    const { cpuMicroseconds, peakBytes } = usageOf(process.pid);
    const own = process.cpuUsage();
    expect(Math.abs(own.user + own.system - cpuMicroseconds)).toBeLessThan(500_000);
    expect(peakBytes).toBeGreaterThan(20 * 2 ** 20);
  });
});
