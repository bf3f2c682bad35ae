import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { crc32c } from './crc32c.js';
import { writeRecordBatch, type BatchRecord } from './record-batch-writer.js';

const require = createRequire(import.meta.url);
const PROTOCOL = 'kafkajs/src/protocol/recordBatch';
const { RecordBatch } = require(`${PROTOCOL}/v0/index.js`) as {
  RecordBatch: (batch: object) => Promise<{ readonly buffer: Buffer }>;
};
const Record = require(`${PROTOCOL}/record/v0/index.js`) as (record: object) => unknown;
const slowCrc32c = require(`${PROTOCOL}/crc32C/crc32C.js`) as (bytes: Buffer) => number;

const AT = 1_767_225_600_000;
const text = fc.string({ unit: 'binary', maxLength: 300 });
const record: fc.Arbitrary<BatchRecord> = fc.record({
  key: fc.oneof(text, fc.constant(null)),
  value: fc.oneof(
    text,
    fc.constant(null),
    fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes)),
  ),
  headers: fc.dictionary(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.oneof(text, fc.array(text, { maxLength: 3 })),
  ),
});

async function asTheClientWrites(records: readonly BatchRecord[]): Promise<Buffer> {
  const encoded = records.map((one, offsetDelta) => Record({ ...one, offsetDelta, timestampDelta: 0 }));
  const lastOffsetDelta = records.length - 1;
  const batch = { records: encoded, firstTimestamp: AT, maxTimestamp: AT, lastOffsetDelta };
  return (await RecordBatch(batch)).buffer;
}

describe('writeRecordBatch', () => {
  it("writes the client's own bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 200 }), async (records) => {
        expect(writeRecordBatch(records, AT).equals(await asTheClientWrites(records))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('crc32c', () => {
  it('is that of the catalogue of checks', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('is the same as byte by byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const buffer = Buffer.from(bytes);
        expect(crc32c(buffer)).toBe(slowCrc32c(buffer));
      }),
    );
  });
});
