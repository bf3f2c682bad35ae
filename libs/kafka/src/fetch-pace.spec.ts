import { describe, expect, it } from '@jest/globals';
import { FetchPace } from './fetch-pace.js';

const paceOf = () => new FetchPace({ everyMs: 10, manyBytes: 1_000 });

describe('FetchPace', () => {
  it('keeps a fetch apart from the one before, which brought little', () => {
    const pace = paceOf();
    expect(pace.dueIn(0)).toBe(0);
    pace.brought(100, 0);
    expect([pace.dueIn(3), pace.dueIn(10), pace.dueIn(50)]).toEqual([7, 0, 0]);
  });

  it.each([
    ['nothing', 0],
    ['much', 1_000],
  ])('fetches at once after a fetch that brought %s', (_what, bytes) => {
    const pace = paceOf();
    pace.brought(100, 0);
    pace.brought(bytes, 10);
    expect(pace.dueIn(10)).toBe(0);
  });
});
