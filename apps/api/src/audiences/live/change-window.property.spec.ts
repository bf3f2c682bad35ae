import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { ChangeWindow, type ToldChange } from './change-window.js';

const OF = { workspaceId: 'w', audienceKey: 'a' };

const told: fc.Arbitrary<readonly ToldChange[]> = fc.array(
  fc.record({
    workspaceId: fc.constantFrom('w', 'w', 'v'),
    audienceKey: fc.constantFrom('a', 'a', 'b'),
    text: fc.string({ maxLength: 5 }),
  }),
  { maxLength: 40 },
);
const isOf = ({ workspaceId, audienceKey }: ToldChange) => workspaceId === 'w' && audienceKey === 'a';

describe('a window of changes', () => {
  it('tells whoever comes back each change that was missed, once, or that there is a gap', () => {
    let whole = 0;
    fc.assert(
      fc.property(told, fc.nat(40), fc.integer({ min: 1, max: 60 }), (all, left, bound) => {
        const window = new ChangeWindow('one', { changes: bound, length: 1_000 });
        for (const change of all.slice(0, left)) window.take(change);
        const { position } = window;
        for (const change of all.slice(left)) window.take(change);
        const missed = window.since(position, OF);
        const isKept = all.length - left <= bound / 2;
        if (isKept) expect(missed?.hasGap).toBe(false);
        if (missed?.hasGap) expect(missed.changes).toEqual([]);
        else {
          whole += 1;
          expect(missed?.changes).toEqual(all.slice(left).filter(isOf));
        }
      }),
      { numRuns: propertyRuns(500) },
    );
    expect(whole).toBeGreaterThan(200);
  });

  it('does not know what was read at a position of another', () => {
    expect(new ChangeWindow('one').since('other/0', OF)).toEqual({ changes: [], hasGap: true });
  });

  it.each(['x', '', 'x/', 'x/1,2', "x/1' OR 1", '/1'])('takes no %j for a position', (text) => {
    expect(new ChangeWindow('x').since(text, OF)).toBeUndefined();
  });

  it('holds no more than its bound of text', () => {
    const window = new ChangeWindow('one', { changes: 100, length: 50 });
    const begun = window.position;
    for (let i = 0; i < 100; i += 1) window.take({ ...OF, text: 'x'.repeat(10) });
    expect(window.since(begun, OF)?.hasGap).toBe(true);
    expect(window.since('one/98', OF)).toMatchObject({ hasGap: false, changes: [{}, {}] });
  });
});
