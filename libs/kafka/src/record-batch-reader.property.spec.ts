import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { readRecordBatch } from './record-batch-reader.js';

const require = createRequire(import.meta.url);
const PROTOCOL = 'kafkajs/src/protocol/recordBatch';
const { RecordBatch } = require(`${PROTOCOL}/v0/index.js`) as {
  RecordBatch: (batch: object) => Promise<{ readonly buffer: Buffer }>;
};
const Record = require(`${PROTOCOL}/record/v0/index.js`) as (record: object) => unknown;
const Long = require('kafkajs/src/utils/long.js') as { fromNumber(value: number): unknown };

const AT = 1_767_225_600_000;
const text = fc.string({ unit: 'binary', maxLength: 300 }).map((s) => s.toWellFormed());
const written = fc.record({
  key: text,
  value: fc.option(fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes))),
  headers: fc.dictionary(text, text),
  later: fc.nat({ max: 2 ** 31 - 1 }),
});
const batch = fc.record({
  firstOffset: fc.nat({ max: Number.MAX_SAFE_INTEGER - 1_000 }),
  records: fc.array(written, { minLength: 1, maxLength: 100 }),
});
const headersLikeAnObjects = {
  firstOffset: 0,
  records: ['__proto__', 'constructor'].map((name) => ({
    key: name,
    value: null,
    headers: Object.fromEntries([[name, 'v']]),
    later: 0,
  })),
};
type Batch = typeof batch extends fc.Arbitrary<infer T> ? T : never;

/** As another program's client writes it, each record with a time of its own. */
async function encoded({ firstOffset, records }: Batch, compression = 0): Promise<Buffer> {
  const bodies = records.map(({ later, ...one }, offsetDelta) =>
    Record({ ...one, offsetDelta, timestampDelta: later }),
  );
  const { buffer } = await RecordBatch({
    compression,
    records: bodies,
    firstOffset: Long.fromNumber(firstOffset),
    firstTimestamp: AT,
    maxTimestamp: AT,
    lastOffsetDelta: records.length - 1,
  });
  return buffer;
}

describe('readRecordBatch', () => {
  it('reads what was written, one batch behind the other', async () => {
    await fc.assert(
      fc.asyncProperty(batch, batch, async (first, second) => {
        const bytes = Buffer.concat([await encoded(first), await encoded(second)]);
        let at = 0;
        for (const { firstOffset, records } of [first, second]) {
          const read = readRecordBatch(bytes, at);
          at = read?.end ?? -1;
          expect(
            read?.records.map(({ key, value, headers, offset, timestamp }) => ({
              key,
              value,
              headers,
              offset,
              timestamp,
            })),
          ).toEqual(
            records.map(({ key, value, headers, later }, i) => ({
              key,
              value,
              headers,
              offset: firstOffset + i,
              timestamp: AT + later,
            })),
          );
        }
        expect(at).toBe(bytes.length);
      }),
      { numRuns: 50, examples: [[headersLikeAnObjects, headersLikeAnObjects]] },
    );
  });

  it('leaves a batch that is cut off, or compressed, to the client', async () => {
    const one = { firstOffset: 0, records: [{ key: 'k', value: Buffer.from('v'), headers: {}, later: 0 }] };
    const whole = await encoded(one);
    for (let length = 0; length < whole.length; length += 1) {
      expect(readRecordBatch(whole.subarray(0, length), 0)).toBeUndefined();
    }
    expect(readRecordBatch(await encoded(one, 1), 0)).toBeUndefined();
  });
});
