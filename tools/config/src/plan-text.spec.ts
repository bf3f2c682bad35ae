import { describe, expect, it } from '@jest/globals';
import { planText } from './plan-text.js';

describe('a plan', () => {
  it('is read as one line for each definition, and what of it is another', () => {
    const text = planText({
      digest: 'd',
      summary: { created: 1, changed: 1, removed: 1, unchanged: 4, leftAlone: 2 },
      changes: [
        {
          kind: 'source',
          id: 'web',
          action: 'change',
          before: { name: 'Web', rateLimit: { eventsPerSecond: 5 }, allowedOrigins: ['a', 'b'] },
          after: { name: 'Web', rateLimit: { eventsPerSecond: 6 }, allowedOrigins: ['a'], plan: {} },
        },
        { kind: 'audience', id: 'new', action: 'create', before: null, after: { name: 'N\u001b[31m' } },
        { kind: 'split', id: '[]', action: 'remove', before: { a: 'a\u009b', b: 'b' }, after: null },
      ],
    });
    expect(text).toBe(`~ source web
    - rateLimit.eventsPerSecond: 5
    + rateLimit.eventsPerSecond: 6
    - allowedOrigins[1]: "b"
    + plan: {}
+ audience new
    + name: "N\\u001b[31m"
- split a\\u009b / b
1 to create, 1 to change, 1 to remove; 4 unchanged, 2 not in the files and left alone`);
  });
});
