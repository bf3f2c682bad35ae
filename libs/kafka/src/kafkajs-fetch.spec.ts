import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { recordsIn, type PartitionData } from './kafkajs-fetch.js';
import './kafkajs.js';
import { writeRecordBatch } from './record-batch-writer.js';

const require = createRequire(import.meta.url);
const Decoder = require('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => object;
const decodeMessages = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js') as (
  decoder: object,
) => Promise<PartitionData['messages']>;
const Batch = require('kafkajs/src/consumer/batch.js') as new (
  topic: string,
  from: string,
  data: PartitionData,
) => { isEmptyDueToFiltering(): boolean; lastOffset(): string };

const HEADER = 61;

/** The batch at an offset, of which compaction left these records, the first ones, of so many. */
function left(at: number, of: number, values: readonly string[]): Buffer {
  const written = writeRecordBatch(
    values.map((value) => ({ key: 'k', value })),
    0,
  );
  const batch = values.length > 0 ? written : written.subarray(0, HEADER);
  batch.writeBigInt64BE(BigInt(at), 0);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(of - 1, 23);
  return batch;
}

async function fetched(from: number, ...batches: readonly Buffer[]) {
  const bytes = Buffer.concat(batches);
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  const messages = await decodeMessages(new Decoder(Buffer.concat([size, bytes])));
  const data = { partition: 0, highWatermark: '100', abortedTransactions: [], messages };
  return {
    messages,
    batch: new Batch('t', String(from), data),
    values: recordsIn('t', from, data).map(({ offset, value }) => `${offset} ${String(value)}`),
  };
}

describe('a fetch', () => {
  it('goes on behind a batch that compaction left empty', async () => {
    const { batch, messages, values } = await fetched(4, left(4, 3, []));
    expect([messages.next, messages.bytes, values]).toEqual([7, HEADER, []]);
    expect([batch.isEmptyDueToFiltering(), batch.lastOffset()]).toEqual([true, '6']);
  });

  it('goes on behind a batch whose last records are gone', async () => {
    const { batch, messages, values } = await fetched(4, left(4, 5, ['a', 'b']));
    expect([messages.next, values, batch.lastOffset()]).toEqual([9, ['4 a', '5 b'], '8']);
  });

  it('goes on where only records that are gone were asked for, and leaves what is cut off to the next', async () => {
    const whole = left(9, 1, ['c']);
    const { batch, messages, values } = await fetched(7, left(4, 5, ['a', 'b']), whole.subarray(0, -1));
    expect([messages.next, values]).toEqual([9, []]);
    expect([batch.isEmptyDueToFiltering(), batch.lastOffset()]).toEqual([true, '8']);
  });

  it('says nothing of where to go on where no batch is whole', async () => {
    const { messages, batch } = await fetched(4, left(4, 1, ['a']).subarray(0, -1));
    expect([messages.next, messages.length, batch.isEmptyDueToFiltering()]).toEqual([undefined, 0, false]);
    expect(messages.bytes).toBeGreaterThan(0);
  });
});
