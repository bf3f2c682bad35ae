import { describe, expect, it } from '@jest/globals';
import type { OutgoingRecord } from '@tributary/kafka';
import { propertyRuns } from '@tributary/testing';
import * as fc from 'fast-check';
import { encodeFrame, MARKER_BYTES, readFrames, type Frame } from './frame.js';

const marker = Buffer.from('0123456789abcdef', 'hex');
const text = fc.string({ unit: 'binary', maxLength: 20 });
const record: fc.Arbitrary<OutgoingRecord> = fc
  .record(
    {
      topic: text,
      key: text,
      partitionKey: text,
      partition: fc.nat(1_000),
      // Values that look like frames, too.
      value: fc.oneof(
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
        fc.constant(null),
        fc.constant(marker),
      ),
      headers: fc.dictionary(text, text, { minKeys: 1, maxKeys: 3 }),
    },
    { requiredKeys: ['topic', 'key', 'value'] },
  )
  .map((made) => ({ ...made, ...(made.headers && { headers: { ...made.headers } }) }));
const frame: fc.Arbitrary<Frame> = fc.record({
  at: fc.nat(),
  records: fc.array(record, { maxLength: 4 }),
});
const frames = fc.array(frame, { minLength: 1, maxLength: 5 });

const bytesOf = (all: readonly Frame[]) => Buffer.concat(all.map((one) => encodeFrame(marker, one)));
const piecesOf = (bytes: Buffer) => [...readFrames(bytes, marker, 0)];
const framesIn = (bytes: Buffer) => piecesOf(bytes).flatMap((piece) => piece.frame ?? []);
/** Each piece begins where the one before ends. */
const hasNoGap = (bytes: Buffer) =>
  piecesOf(bytes).every(({ start }, i, all) => start === (i === 0 ? 0 : all[i - 1]?.end));
const runs = { numRuns: propertyRuns(300) };

describe('frames', () => {
  it('come back as they went in', () => {
    fc.assert(
      fc.property(frames, (all) => {
        expect(framesIn(bytesOf(all))).toEqual(all);
      }),
      runs,
    );
  });

  it('cut anywhere, are those in front of the cut, and the rest is named', () => {
    fc.assert(
      fc.property(frames, fc.double({ min: 0, max: 1, noNaN: true }), (all, where) => {
        const bytes = bytesOf(all);
        const cut = bytes.subarray(0, Math.floor(bytes.length * where));
        const found = framesIn(cut);
        expect(found).toEqual(all.slice(0, found.length));
        expect(found.length).toBe(wholeFrames(all, cut.length));
        expect(hasNoGap(cut)).toBe(true);
        expect(piecesOf(cut).at(-1)?.end ?? 0).toBe(cut.length);
      }),
      runs,
    );
  });

  it('of which a bit has changed are not taken for whole, and cost no other frame', () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.nat(7), (all, where, bit) => {
        const bytes = bytesOf(all);
        const at = where % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
        const hit = wholeFrames(all, at);
        expect(framesIn(bytes)).toEqual(all.filter((_, i) => i !== hit));
        const damage = piecesOf(bytes).filter((piece) => !piece.frame);
        expect(damage).toHaveLength(1);
        expect(damage[0]?.start).toBeLessThanOrEqual(at);
        expect(damage[0]?.end).toBeGreaterThan(at);
      }),
      runs,
    );
  });

  it('among bytes of any kind are found, and nothing else is', () => {
    const noise = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(frame, noise, noise, (one, before, after) => {
        const bytes = Buffer.concat([before, encodeFrame(marker, one), after]);
        expect(framesIn(bytes)).toEqual([one]);
      }),
      runs,
    );
  });

  it('begin with the marker of their segment', () => {
    const bytes = encodeFrame(marker, { at: 0, records: [] });
    expect(bytes.subarray(0, MARKER_BYTES)).toEqual(marker);
    expect([...readFrames(bytes, Buffer.alloc(MARKER_BYTES, 7), 0)]).toEqual([
      { start: 0, end: bytes.length },
    ]);
  });
});

/** How many frames end at or before this place. */
function wholeFrames(all: readonly Frame[], place: number): number {
  const ends = all.map((_, i) => bytesOf(all.slice(0, i + 1)).length);
  return ends.filter((end) => end <= place).length;
}
