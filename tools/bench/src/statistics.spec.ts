import { describe, expect, it } from '@jest/globals';
import { median, percentile, summarise } from './statistics.js';

describe('percentile', () => {
  it('is a sample, whatever their order', () => {
    expect(percentile([30, 10, 20], 0.5)).toBe(20);
    expect(percentile([30, 10, 20], 0.99)).toBe(30);
    expect(percentile([30, 10, 20], 0)).toBe(10);
  });

  it('is no number without samples', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('median', () => {
  it('is the middle of an odd number of samples', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is halfway between the two in the middle of an even number', () => {
    expect(median([1, 3, 5, 100])).toBe(4);
  });
});

describe('summarise', () => {
  it('keeps the least and the greatest beside the median', () => {
    expect(summarise([4, 2, 9])).toEqual({ median: 4, min: 2, max: 9 });
  });
});
