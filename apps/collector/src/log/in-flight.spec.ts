import { describe, expect, it } from '@jest/globals';
import { InFlight } from './in-flight.js';

describe('InFlight', () => {
  it('refuses what would be too much and takes it when there is room again', () => {
    const inFlight = new InFlight(100);
    expect(inFlight.reserve(60)).toBe(true);
    expect(inFlight.reserve(60)).toBe(false);
    inFlight.release(60);
    expect(inFlight.reserve(60)).toBe(true);
    expect(inFlight.bytes).toBe(60);
  });
});
