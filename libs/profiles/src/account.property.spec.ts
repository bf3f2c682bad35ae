import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { foldAccountCall, type AccountCall, type AccountFacts } from './account.js';
import { BOUNDS, traitBytes } from './bounds.js';

/** Values of which a few fill an account. */
const values = fc.oneof(
  fc.integer(),
  fc.constant(null),
  fc.integer({ min: 1, max: 60 }).map((kilobytes) => 'x'.repeat(kilobytes * 1_024)),
);
const calls: fc.Arbitrary<readonly AccountCall[]> = fc.array(
  fc.record({
    at: fc.nat(3),
    receivedAt: fc.nat(1),
    sequence: fc.nat(1),
    messageId: fc.constantFrom('m1', 'm2'),
    sourceId: fc.constant('s'),
    traits: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__', 'constructor'), values),
  }),
  { maxLength: 8 },
);

const fold = (all: readonly AccountCall[]) =>
  all.reduce<AccountFacts | undefined>((facts, one) => foldAccountCall(facts, one), undefined);

describe('foldAccountCall', () => {
  it('comes to the same in any order, however often a call comes', () => {
    fc.assert(
      fc.property(
        calls.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
        ),
        ([all, shuffled]) => {
          expect(fold(shuffled)).toEqual(fold(all));
        },
      ),
      { numRuns: propertyRuns(300) },
    );
  });

  it('keeps the traits that come first, as many as have room with the most that they ever took', () => {
    fc.assert(
      fc.property(calls, (all) => {
        const most = new Map<string, number>();
        for (const { traits } of all)
          for (const [name, value] of Object.entries(traits))
            most.set(name, Math.max(most.get(name) ?? 0, traitBytes(name, value)));
        let sum = 0;
        const kept = [...most]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .filter(([, bytes]) => (sum += bytes) <= BOUNDS.profileTraitBytes)
          .map(([name]) => name);
        const facts = fold(all);
        expect(facts?.traits.map(([name]) => name) ?? []).toEqual(kept);
        expect(facts?.truncatedAt !== undefined).toBe(kept.length < most.size);
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('gives back the same object where a call says nothing new', () => {
    const call = {
      at: 1,
      receivedAt: 1,
      sequence: 0,
      messageId: 'm',
      sourceId: 's',
      traits: { plan: 'pro' },
    };
    const facts = foldAccountCall(undefined, call);
    expect(foldAccountCall(facts, call)).toBe(facts);
    expect(foldAccountCall(facts, { ...call, at: 0, traits: { plan: 'free' } })).toMatchObject({
      first: 0,
      traits: [['plan', { value: 'pro' }]],
    });
  });
});
