import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { DigestSet } from './digest-set.js';

/** Few of the first words, so that many want one place. */
const digest = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 300 }))
  .map(([first, last]) => `${hex(first)}${'0'.repeat(16)}${hex(last)}`);
const hex = (word: number) => word.toString(16).padStart(8, '0');
const NOBODY = '0'.repeat(32);

describe('a set of digests', () => {
  it('holds what a Set holds, whatever is added and deleted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(digest, fc.boolean()), { maxLength: 3_000 }), (steps) => {
        const [set, model] = [new DigestSet(), new Set<string>()];
        for (const [one, isAdded] of steps) {
          if (isAdded) {
            set.add(one);
            if (one !== NOBODY) model.add(one);
          } else expect(set.delete(one)).toBe(model.delete(one));
        }
        expect(set.size).toBe(model.size);
        for (const [one] of steps) expect(set.has(one)).toBe(model.has(one));
        const copy = DigestSet.from(set.toBuffer());
        expect(copy.size).toBe(model.size);
        for (const one of model) expect(copy.has(one)).toBe(true);
      }),
      { numRuns: propertyRuns(50) },
    );
  });

  it('takes 64 bytes a digest at most once there are many', () => {
    const set = new DigestSet();
    for (let i = 1; i <= 10_000; i += 1)
      set.add(`${hex(Math.imul(i, 2_654_435_761) >>> 0)}${'0'.repeat(16)}${hex(i)}`);
    expect(set.bytes).toBeLessThanOrEqual(64 * set.size);
  });
});
