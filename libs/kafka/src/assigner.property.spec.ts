import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { distribute } from './assigner.js';

const group = fc.record({
  count: fc.integer({ min: 0, max: 40 }),
  members: fc
    .array(
      fc.record({
        owned: fc.array(fc.integer({ min: -2, max: 45 }), { maxLength: 40 }),
        generation: fc.integer({ min: -1, max: 5 }),
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((claims) => claims.map((claim, i) => ({ memberId: `m${i}`, ...claim }))),
});

const joining = (memberId: string) => ({ memberId, owned: [], generation: -1 });

describe('distribute', () => {
  it('gives every partition to exactly one member', () => {
    fc.assert(
      fc.property(group, ({ count, members }) => {
        const all = [...distribute(count, members).values()].flat().sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: count }, (_, p) => p));
      }),
    );
  });

  it('gives every member a share, and the shares differ by one at most', () => {
    fc.assert(
      fc.property(group, ({ count, members }) => {
        const shares = distribute(count, members);
        expect([...shares.keys()].sort()).toEqual(members.map((m) => m.memberId).sort());
        const loads = [...shares.values()].map((share) => share.length);
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not depend on the order in which members are named', () => {
    fc.assert(
      fc.property(group, ({ count, members }) => {
        const sorted = (m: ReadonlyMap<string, readonly number[]>) => Object.fromEntries(m);
        expect(sorted(distribute(count, [...members].reverse()))).toEqual(sorted(distribute(count, members)));
      }),
    );
  });

  it('moves nothing when the same members join again', () => {
    fc.assert(
      fc.property(group, ({ count, members }) => {
        const first = distribute(count, members);
        const again = distribute(
          count,
          [...first].map(([memberId, owned]) => ({ memberId, owned, generation: 6 })),
        );
        expect(Object.fromEntries(again)).toEqual(Object.fromEntries(first));
      }),
    );
  });

  it('takes from a member only what exceeds its share when another joins', () => {
    fc.assert(
      fc.property(group, ({ count, members }) => {
        const before = distribute(count, members);
        const after = distribute(count, [
          ...[...before].map(([memberId, owned]) => ({ memberId, owned, generation: 6 })),
          joining('newcomer'),
        ]);
        for (const [memberId, owned] of before) {
          const kept = after.get(memberId) ?? [];
          expect(owned).toEqual(expect.arrayContaining([...kept]));
        }
      }),
    );
  });

  it('leaves what a member holds with it when another leaves', () => {
    fc.assert(
      fc.property(group, ({ count, members }) => {
        const before = [...distribute(count, members)].slice(1);
        fc.pre(before.length > 0);
        const after = distribute(
          count,
          before.map(([memberId, owned]) => ({ memberId, owned, generation: 6 })),
        );
        for (const [memberId, owned] of before) {
          expect(after.get(memberId)).toEqual(expect.arrayContaining([...owned]));
        }
      }),
    );
  });
});
