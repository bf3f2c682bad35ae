import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planFaults } from './schedule.js';

describe('planFaults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planFaults(1, 10)).toEqual(planFaults(1, 10));
    expect(planFaults(1, 10)).not.toEqual(planFaults(2, 10));
  });

  it('has what every run has, however short it is, in the order of time and within the run', () => {
    const always = [
      'cut',
      'kill-broker',
      'kill-clickhouse',
      'lose-state',
      'lose-state',
      'repeat-calls',
      'repeat-log',
      'zombie',
    ];
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 1, max: 30, noNaN: true }), (seed, minutes) => {
        const faults = planFaults(seed, minutes);
        const certain = faults.filter((fault) => fault.always);
        const services = certain.filter(({ kind }) => kind === 'kill-service').map(({ target }) => target);
        expect(services.sort()).toEqual(['api', 'collector', 'identity', 'profile-builder', 'segmentation']);
        expect(certain.flatMap(({ kind }) => (kind === 'kill-service' ? [] : [kind])).sort()).toEqual(always);
        expect(certain).toContainEqual(
          expect.objectContaining({ kind: 'lose-state', target: 'memberships' }),
        );
        const times = faults.map(({ at }) => at);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(Math.max(...times)).toBeLessThan(minutes * 60_000);
      }),
      { numRuns: 50 },
    );
  });

  it('sleeps for longer than a session lasts', () => {
    const zombies = planFaults(3, 200).filter(({ kind }) => kind === 'zombie');
    expect(zombies.length).toBeGreaterThan(10);
    expect(Math.min(...zombies.map(({ forMs }) => forMs))).toBeGreaterThan(6_000);
  });
});
