import { describe, expect, it } from '@jest/globals';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { InFlight } from './in-flight.js';

const LIMIT = 1_000;
const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('reserve' as const),
      holder: fc.nat(3),
      bytes: fc.integer({ min: 1, max: 600 }),
    }),
    fc.record({ kind: fc.constant('release' as const), pick: fc.nat() }),
  ),
  { maxLength: 80 },
);

describe('the room in flight', () => {
  it('is never exceeded, gives every holder its share whatever the others do, and is whole again at the end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 8 }), steps, (holders, actions) => {
        const inFlight = new InFlight(LIMIT, holders);
        const share = Math.floor(LIMIT / 2 / holders);
        const taken: { readonly holder: string; readonly bytes: number }[] = [];
        const heldBy = (holder: string) =>
          taken.filter((t) => t.holder === holder).reduce((sum, { bytes }) => sum + bytes, 0);
        for (const action of actions) {
          if (action.kind === 'release') {
            const [gone] = taken.splice(action.pick % Math.max(1, taken.length), 1);
            if (gone) inFlight.release(gone.bytes, gone.holder);
            continue;
          }
          const holder = String(action.holder);
          const isWithinShare = heldBy(holder) + action.bytes <= share;
          const isTaken = inFlight.reserve(action.bytes, holder);
          if (isWithinShare) expect(isTaken).toBe(true);
          if (isTaken) taken.push({ holder, bytes: action.bytes });
          expect(inFlight.bytes).toBe(taken.reduce((sum, { bytes }) => sum + bytes, 0));
          expect(inFlight.bytes).toBeLessThanOrEqual(LIMIT);
        }
        for (const { holder, bytes } of taken) inFlight.release(bytes, holder);
        expect(inFlight.bytes).toBe(0);
        for (let i = 0; i < holders; i += 1) expect(inFlight.reserve(share, `fresh ${i}`)).toBe(true);
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('stays within the limit while the number of holders changes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.nat(5), fc.nat(400))), (actions) => {
        const inFlight = new InFlight(LIMIT);
        const taken: [string, number][] = [];
        for (const [holders, holder, bytes] of actions) {
          inFlight.shareAmong(holders);
          if (inFlight.reserve(bytes, String(holder))) taken.push([String(holder), bytes]);
          expect(inFlight.bytes).toBeLessThanOrEqual(LIMIT);
        }
        for (const [holder, bytes] of taken) inFlight.release(bytes, holder);
        expect(inFlight.bytes).toBe(0);
        inFlight.shareAmong(1);
        expect(inFlight.reserve(LIMIT)).toBe(true);
      }),
      { numRuns: propertyRuns(300) },
    );
  });
});
