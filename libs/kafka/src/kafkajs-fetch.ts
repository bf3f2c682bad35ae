import { createRequire } from 'node:module';
import { FetchedRecord } from './fetched-record.js';
import { replaceModule } from './kafkajs-module.js';
import { readRecordBatch } from './record-batch-reader.js';

interface Decoder {
  readonly buffer: Buffer;
  offset: number;
}

/** What kafkajs reads of a record batch that it decoded. */
interface DecodedBatch {
  readonly records: readonly unknown[];
}

interface PartitionData {
  readonly partition: number;
  readonly highWatermark: string;
  readonly abortedTransactions?: readonly unknown[];
  readonly messages: readonly unknown[];
}

/** kafkajs's batch: what it is made of is public. */
interface Batch {
  rawMessages: readonly unknown[];
  messagesWithinOffset: readonly unknown[];
  messages: readonly unknown[];
}

const require = createRequire(import.meta.url);
const DECODER = 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
const BATCH = 'kafkajs/src/consumer/batch.js';

/**
 * kafkajs 2.2.4 makes several objects and buffers of each field of a record, of each header anew all that precede it,
 * and looks at each record's offset as a big integer. This reads a record's bytes once and makes of them what is asked
 * for. Offsets and times of such records are numbers, which kafkajs takes too. To be called before it is loaded.
 */
export function mendFetch(): void {
  const decode = require(DECODER) as (decoder: Decoder) => Promise<DecodedBatch>;
  replaceModule(DECODER, (decoder: Decoder): Promise<DecodedBatch> => {
    const read = readRecordBatch(decoder.buffer, decoder.offset);
    if (!read) return decode(decoder);
    decoder.offset = read.end;
    return Promise.resolve({ records: read.records });
  });
  mendBatch();
}

function mendBatch(): void {
  const Original = require(BATCH) as new (topic: string, offset: string, data: PartitionData) => Batch;
  class FetchedBatch extends Original {
    constructor(topic: string, fetchedOffset: string, data: PartitionData) {
      const fetched = data.messages.every((message) => message instanceof FetchedRecord);
      super(topic, fetchedOffset, fetched ? { ...data, messages: [] } : data);
      if (!fetched) return;
      const records = data.messages;
      const from = Number(fetchedOffset);
      this.rawMessages = records;
      this.messagesWithinOffset = records.filter(({ offset }) => offset >= from);
      this.messages = this.messagesWithinOffset;
    }
  }
  replaceModule(BATCH, FetchedBatch);
}
