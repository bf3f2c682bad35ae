import { createRequire } from 'node:module';
import { replaceModule } from './kafkajs-module.js';
import { writeRecordBatch, type BatchRecord } from './record-batch-writer.js';

interface PartitionData {
  /** kafkajs has made keys of them. */
  readonly partition: number | string;
  readonly messages: readonly BatchRecord[];
}

interface ProduceRequest {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  readonly compression?: number;
  readonly topicData: readonly { readonly topic: string; readonly partitions: readonly PartitionData[] }[];
}

interface Encoder {
  writeString(text: string | null): Encoder;
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeBufferInternal(buffer: Buffer): void;
}

interface EncodableRequest {
  readonly encode: () => Promise<Encoder>;
}

interface Grouping {
  readonly topic: string;
  readonly partitionMetadata: readonly unknown[];
  readonly messages: readonly BatchRecord[];
  readonly partitioner: (of: {
    readonly topic: string;
    readonly partitionMetadata: readonly unknown[];
    readonly message: BatchRecord;
  }) => number;
}

const require = createRequire(import.meta.url);
const PRODUCE = 'kafkajs/src/protocol/requests/produce/v3/request.js';
const GROUPING = 'kafkajs/src/producer/groupMessagesPerPartition.js';
const ENCODER = 'kafkajs/src/protocol/encoder.js';
const REQUEST_BYTES = 1_024;

/**
 * kafkajs 2.2.4 makes a zeroed buffer of 512 bytes for each record and each header, copies the messages of a partition
 * anew for each message, and computes the checksum byte by byte. This writes each partition's records into one buffer
 * of its exact size, the same bytes. To be called before the client is loaded.
 */
export function mendProduce(): void {
  const original = require(PRODUCE) as (request: ProduceRequest) => EncodableRequest;
  replaceModule(PRODUCE, (request: ProduceRequest) =>
    isPlain(request)
      ? { ...original(request), encode: () => Promise.resolve(encode(request)) }
      : original(request),
  );
  replaceModule(GROUPING, groupByPartition);
}

/** Neither compressed nor transactional, and without times of its own. */
function isPlain({ compression = 0, transactionalId, topicData }: ProduceRequest): boolean {
  return (
    compression === 0 &&
    (transactionalId ?? null) === null &&
    topicData.every(({ partitions }) =>
      partitions.every(({ messages }) => messages.every(({ timestamp }) => timestamp === undefined)),
    )
  );
}

function encode({ acks, timeout, topicData }: ProduceRequest): Encoder {
  const at = Date.now();
  const batches = topicData.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, messages }) => ({
      partition,
      batch: writeRecordBatch(messages, at),
    })),
  }));
  const encoder = newEncoder(sizeOf(batches));
  encoder.writeString(null).writeInt16(acks).writeInt32(timeout).writeInt32(batches.length);
  for (const { topic, partitions } of batches) {
    encoder.writeString(topic).writeInt32(partitions.length);
    for (const { partition, batch } of partitions) {
      encoder.writeInt32(Number(partition)).writeInt32(batch.length).writeBufferInternal(batch);
    }
  }
  return encoder;
}

function sizeOf(topics: readonly { readonly partitions: readonly { readonly batch: Buffer }[] }[]): number {
  const batches = topics.flatMap(({ partitions }) => partitions);
  return batches.reduce((sum, { batch }) => sum + batch.length + 8, REQUEST_BYTES * (topics.length + 1));
}

function newEncoder(bytes: number): Encoder {
  const Encoder = require(ENCODER) as new (bytes: number) => Encoder;
  return new Encoder(bytes);
}

/** kafkajs's own is quadratic in the messages of a partition. */
function groupByPartition({ topic, partitionMetadata, messages, partitioner }: Grouping) {
  const groups: Record<number, BatchRecord[]> = {};
  if (partitionMetadata.length === 0) return groups;
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message });
    (groups[partition] ??= []).push(message);
  }
  return groups;
}
