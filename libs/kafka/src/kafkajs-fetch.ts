import { createRequire } from 'node:module';
import { FetchedRecord } from './fetched-record.js';
import { replaceModule } from './kafkajs-module.js';
import { nextOffsetIn, readRecordBatch } from './record-batch-reader.js';
import type { LogRecord } from './records.js';
import { toLogRecord } from './to-log-record.js';

interface Decoder {
  readonly buffer: Buffer;
  offset: number;
}

/** What kafkajs reads of a record batch that it decoded. */
interface DecodedBatch {
  readonly records: readonly unknown[];
}

/** The messages of one partition in a fetch, and what their headers say. */
interface FetchedMessages extends Array<unknown> {
  /** Of the whole answer of the partition, what is cut off at its end included. */
  bytes?: number;
  /** The offset after the last whole record batch, whatever is left of it; absent where there is none. */
  next?: number | undefined;
}

/** What a fetch brought of one partition, as kafkajs decodes it. */
export interface PartitionData {
  readonly partition: number;
  readonly highWatermark: string;
  /** Of the first transaction that is still open: nothing from there on is handed out. */
  readonly lastStableOffset?: string;
  readonly abortedTransactions?: readonly unknown[];
  readonly messages: FetchedMessages;
}

/** kafkajs's batch: what it is made of is public. */
interface Batch {
  rawMessages: readonly unknown[];
  messagesWithinOffset: readonly unknown[];
  messages: readonly Parameters<typeof toLogRecord>[2][];
  isEmpty(): boolean;
  isEmptyDueToFiltering(): boolean;
  lastOffset(): string;
}

type BatchConstructor = new (topic: string, offset: string, data: PartitionData) => Batch;

const require = createRequire(import.meta.url);
const DECODER = 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
const DECODE_MESSAGES = 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js';
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
  mendMessages();
  mendBatch();
}

/** What of a fetch of one partition is for readers: neither the broker's own records nor those of aborted transactions. */
export function recordsIn(topic: string, from: number, data: PartitionData): readonly LogRecord[] {
  const Batch = require(BATCH) as BatchConstructor;
  const { messages } = new Batch(topic, String(from), data);
  return messages.map((message) => toLogRecord(topic, data.partition, message));
}

/** Keeps what the headers of record batches say: of a batch that compaction left empty there is nothing else. */
function mendMessages(): void {
  const decode = require(DECODE_MESSAGES) as (decoder: Decoder) => Promise<unknown[]>;
  replaceModule(DECODE_MESSAGES, async (decoder: Decoder): Promise<FetchedMessages> => {
    const { buffer, offset } = decoder;
    const messages: FetchedMessages = await decode(decoder);
    messages.bytes = Math.max(0, buffer.readInt32BE(offset));
    messages.next = nextOffsetIn(buffer.subarray(offset + 4, offset + 4 + messages.bytes));
    return messages;
  });
}

/**
 * kafkajs goes on behind the last record that is left of a batch, one offset at a time where compaction removed the
 * last ones, and never behind a batch that is left empty. This goes on behind the batch.
 */
function mendBatch(): void {
  const Original = require(BATCH) as BatchConstructor;
  class FetchedBatch extends Original {
    readonly #last: number | undefined;

    constructor(topic: string, fetchedOffset: string, data: PartitionData) {
      const fetched = data.messages.every((message) => message instanceof FetchedRecord);
      super(topic, fetchedOffset, fetched ? { ...data, messages: [] } : data);
      const from = Number(fetchedOffset);
      const { next } = data.messages;
      if (next !== undefined && next > from) this.#last = next - 1;
      if (!fetched) return;
      const records = data.messages;
      this.rawMessages = records;
      this.messagesWithinOffset = records.filter(({ offset }) => offset >= from);
      this.messages = this.messagesWithinOffset as FetchedRecord[];
    }

    override isEmptyDueToFiltering(): boolean {
      return super.isEmptyDueToFiltering() || (this.isEmpty() && this.#last !== undefined);
    }

    override lastOffset(): string {
      return this.#last === undefined ? super.lastOffset() : String(this.#last);
    }
  }
  replaceModule(BATCH, FetchedBatch);
}
