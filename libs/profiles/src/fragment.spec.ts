import { describe, expect, it } from '@jest/globals';
import { isLater, type TraitFact } from './fragment.js';

const fact = (more: Partial<TraitFact>): TraitFact => ({
  value: 1,
  at: 5,
  receivedAt: 5,
  messageId: 'm',
  sourceId: 's',
  ...more,
});

describe('the order of traits', () => {
  it('is event time, then receipt, then the place in it, then messageId', () => {
    const rising = [
      fact({ at: 4, receivedAt: 9, sequence: 9, messageId: 'z' }),
      fact({ receivedAt: 4, sequence: 9, messageId: 'z' }),
      fact({ messageId: 'a' }),
      fact({ sequence: 0, messageId: 'b' }),
      fact({ sequence: 9, messageId: 'z' }),
      fact({ sequence: 10, messageId: 'a' }),
    ];
    for (const [i, one] of rising.entries())
      for (const [j, other] of rising.entries()) expect(isLater(one, other)).toBe(i > j);
  });
});
