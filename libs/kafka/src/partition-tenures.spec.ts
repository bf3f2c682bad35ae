import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PartitionTenures } from './partition-tenures.js';

const join = (generation: number, partitions: readonly number[], memberId = 'ann') => ({
  memberId,
  generation,
  partitions: new Set(partitions),
});

/** After a first join of partitions 0 to 2 in generation 4, all of them running. */
function running() {
  const tenures = new PartitionTenures();
  tenures.join(join(4, [0, 1, 2]));
  const begun = [0, 1, 2].map((partition) => tenures.begin(partition));
  for (const tenure of begun) tenure.isRunning = true;
  return { tenures, begun };
}

describe('PartitionTenures', () => {
  it('keeps what the next generation gives to the same member, and ends the rest', () => {
    const { tenures, begun } = running();
    tenures.join(join(5, [0, 2, 3]));
    expect(begun.map(({ isOver }) => isOver)).toEqual([false, true, false]);
    expect(tenures.held).toEqual([0, 2]);
    expect(tenures.over).toEqual([begun[1]]);
    expect(tenures.of(1)).toBeUndefined();
  });

  it('keeps all where it is told the same generation again', () => {
    const { tenures, begun } = running();
    tenures.join(join(4, [0, 1, 2]));
    expect(begun.some(({ isOver }) => isOver)).toBe(false);
  });

  it.each([
    ['a generation is missing', join(6, [0, 1, 2])],
    ['the group begins to count anew', join(1, [0, 1, 2])],
    ['it is another member to the group', join(5, [0, 1, 2], 'bob')],
  ])('keeps nothing where %s', (_, next) => {
    const { tenures, begun } = running();
    tenures.join(next);
    expect(begun.every(({ isOver }) => isOver)).toBe(true);
    expect(tenures.over).toEqual(begun);
    expect(tenures.held).toEqual([]);
  });

  it('begins a partition that comes back anew, while its former tenure is not closed yet', () => {
    const { tenures, begun } = running();
    tenures.join(join(5, [0, 1]));
    tenures.join(join(6, [0, 1, 2]));
    const again = tenures.begin(2);
    expect(tenures.over).toEqual([begun[2]]);
    for (const tenure of tenures.over) tenures.forget(tenure);
    expect(tenures.of(2)).toBe(again);
    expect(tenures.over).toEqual([]);
  });

  it('keeps a partition only through generations that all gave it to this member, whatever it heard of them', () => {
    const heard = fc.record({ isMissed: fc.boolean(), partitions: fc.uniqueArray(fc.nat({ max: 3 })) });
    fc.assert(
      fc.property(fc.array(heard, { maxLength: 20 }), (generations) => {
        const tenures = new PartitionTenures();
        /** Since which generation each partition is with this member in each of them, as it heard. */
        const since = new Map<number, number>();
        for (const [generation, { isMissed, partitions }] of generations.entries()) {
          if (isMissed) {
            since.clear();
            continue;
          }
          const before = new Map([...since]);
          tenures.join(join(generation, partitions));
          for (const p of [...since.keys()]) if (!partitions.includes(p)) since.delete(p);
          expect([...tenures.held].sort()).toEqual([...since.keys()].sort());
          for (const p of partitions) {
            if (tenures.of(p)) expect(before.has(p)).toBe(true);
            else {
              tenures.begin(p);
              since.set(p, generation);
            }
          }
        }
      }),
    );
  });
});
