import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { inOrder } from './key-order.js';

const UNITS = ['a', 'b', '/', 'é', '\ud7ff', '\ud83d', '\ude00', '\ue000', '\uffff'];
const texts = fc.array(fc.constantFrom(...UNITS), { maxLength: 4 }).map((units) => units.join(''));

describe('the order of keys', () => {
  it('is that of their bytes, also of halves of pairs', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(Math.sign(inOrder(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: propertyRuns(5_000) },
    );
  });
});
