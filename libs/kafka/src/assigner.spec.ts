import { describe, expect, it } from '@jest/globals';
import { distribute } from './assigner.js';

describe('distribute', () => {
  it('believes the later generation when two members claim one partition', () => {
    const shares = distribute(4, [
      { memberId: 'a', owned: [0, 1], generation: 3 },
      { memberId: 'b', owned: [1, 0], generation: 7 },
    ]);
    expect(Object.fromEntries(shares)).toEqual({ a: [2, 3], b: [0, 1] });
  });

  it('ignores a claim to a partition that does not exist', () => {
    const shares = distribute(2, [
      { memberId: 'a', owned: [9, 1], generation: 1 },
      { memberId: 'b', owned: [], generation: -1 },
    ]);
    expect(Object.fromEntries(shares)).toEqual({ a: [1], b: [0] });
  });

  it('leaves members without a partition where there are more members than partitions', () => {
    const shares = distribute(1, [
      { memberId: 'a', owned: [], generation: -1 },
      { memberId: 'b', owned: [0], generation: 0 },
    ]);
    expect(Object.fromEntries(shares)).toEqual({ a: [], b: [0] });
  });
});
