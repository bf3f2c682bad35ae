import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { Told } from './told.js';

describe('the memory of published pairs', () => {
  it('covers the same with that instant and later ones, and no earlier one', () => {
    const told = new Told(1_000);
    told.add('a', '2026-01-02');
    expect(told.has('a', '2026-01-02')).toBe(true);
    expect(told.has('a', '2026-01-03')).toBe(true);
    expect(told.has('a', '2026-01-01')).toBe(false);
    expect(told.has('b', '2026-01-03')).toBe(false);
  });

  it('keeps the earliest instant', () => {
    const told = new Told(1_000);
    told.add('a', '2026-01-02');
    told.add('a', '2026-01-05');
    expect(told.has('a', '2026-01-02')).toBe(true);
  });

  it('never covers what was not told, however much was forgotten', () => {
    const call = fc.tuple(
      fc.constantFrom('a', 'bb', 'ccc', 'dddd'),
      fc.integer({ min: 0, max: 9 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 100 }), fc.integer({ min: 2, max: 30 }), (calls, most) => {
        const told = new Told(most);
        const earliest = new Map<string, number>();
        for (const [who, at, isAdded] of calls) {
          if (isAdded) {
            told.add(who, String(at));
            earliest.set(who, Math.min(at, earliest.get(who) ?? 10));
          } else if (told.has(who, String(at))) expect(at).toBeGreaterThanOrEqual(earliest.get(who) ?? 10);
        }
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it('forgets what was not asked for, and keeps what was', () => {
    const told = new Told(40);
    told.add('kept', '0');
    for (let n = 0; n < 100; n += 1) {
      told.add(`other-${n}`, '0');
      expect(told.has('kept', '0')).toBe(true);
    }
    expect(told.has('other-0', '0')).toBe(false);
  });
});
