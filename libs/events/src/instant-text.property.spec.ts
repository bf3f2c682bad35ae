import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { instantText } from './instant-text.js';

describe('instantText', () => {
  it('writes what toISOString writes, in any order of days', () => {
    const instant = fc.integer({ min: 0, max: 253_402_300_799_999 });
    const near = fc.integer({ min: 0, max: 3 * 86_400_000 });
    fc.assert(
      fc.property(fc.oneof(instant, near), (at) => {
        expect(instantText(at)).toBe(new Date(at).toISOString());
      }),
    );
  });
});
