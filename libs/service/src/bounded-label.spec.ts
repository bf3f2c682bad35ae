import { describe, expect, it } from '@jest/globals';
import { BoundedLabel } from './bounded-label.js';

describe('BoundedLabel', () => {
  it('names the first so many values, and all that come later other', () => {
    const label = new BoundedLabel(2);
    expect(['a', 'b', 'c', 'a', 'd'].map((value) => label.of(value))).toEqual([
      'a',
      'b',
      'other',
      'a',
      'other',
    ]);
  });
});
