import { describe, expect, it } from '@jest/globals';
import { show, table } from './report.js';

describe('show', () => {
  it('keeps three digits, and all before the point', () => {
    expect([0.01234, 12.345, 999.6, 12_345.6].map(show)).toEqual(['0.0123', '12.3', '1,000', '12,346']);
  });

  it('says that there is no figure', () => {
    expect(show(Number.NaN)).toBe('none');
  });
});

describe('table', () => {
  it('has the median, the spread and each run, in columns', () => {
    const lines = table([
      { what: 'speed', variant: 'a', unit: 'events/s', runs: [3, 1, 2] },
      { what: 'memory', unit: 'MB', runs: [1_000] },
    ]).split('\n');
    expect(lines).toEqual([
      '           median  min … max      unit      runs',
      'speed   a  2       1 … 3          events/s  3, 1, 2',
      'memory     1,000   1,000 … 1,000  MB        1,000',
    ]);
  });
});
