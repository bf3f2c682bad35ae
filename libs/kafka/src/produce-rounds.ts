import type { Message, TopicMessages } from 'kafkajs';
import type { OutgoingRecord } from './records.js';

/** The messages of one partition that go in one record batch, and what each of them came from. */
export interface RoundBatch<P> {
  readonly topic: string;
  readonly partition: number;
  readonly messages: Message[];
  readonly places: P[];
}

interface Filling<P> {
  /** The batch that still has room, its bytes, and the number of its round. */
  batch: RoundBatch<P>;
  bytes: number;
  round: number;
}

/**
 * Sorts records into requests: one batch a partition in each round, in the order in which they were added. What
 * exceeds the size goes into a later round.
 */
export class ProduceRounds<P> {
  readonly rounds: RoundBatch<P>[][] = [];
  readonly #filling = new Map<string, Map<number, Filling<P>>>();

  constructor(private readonly maxBatchBytes: number) {}

  add(record: OutgoingRecord, partition: number, place: P): void {
    const { key, value, headers } = record;
    const bytes = sizeOf(record);
    const { batch } = this.#fillingOf(record.topic, partition, bytes);
    // One object for both: kafkajs merges the messages of a topic, which carry their partitions.
    batch.messages.push({ key, value, partition, ...(headers && { headers }) });
    batch.places.push(place);
  }

  #fillingOf(topic: string, partition: number, bytes: number): Filling<P> {
    let ofTopic = this.#filling.get(topic);
    if (!ofTopic) this.#filling.set(topic, (ofTopic = new Map<number, Filling<P>>()));
    const known = ofTopic.get(partition);
    if (known && known.bytes + bytes <= this.maxBatchBytes) {
      known.bytes += bytes;
      return known;
    }
    const round = known ? known.round + 1 : 0;
    const batch = { topic, partition, messages: [], places: [] };
    (this.rounds[round] ??= []).push(batch);
    const filling = { batch, bytes, round };
    ofTopic.set(partition, filling);
    return filling;
  }
}

/** The two halves of a round, each in its order; undefined where it is one record. */
export function halves<P>(
  round: readonly RoundBatch<P>[],
): readonly [RoundBatch<P>[], RoundBatch<P>[]] | readonly [] {
  if (round.length > 1) {
    const middle = round.length >> 1;
    return [round.slice(0, middle), round.slice(middle)];
  }
  const [batch] = round;
  if (!batch || batch.messages.length < 2) return [];
  const middle = batch.messages.length >> 1;
  const part = (from: number, to?: number) => ({
    ...batch,
    messages: batch.messages.slice(from, to),
    places: batch.places.slice(from, to),
  });
  return [[part(0, middle)], [part(middle)]];
}

/** A round as kafkajs takes it. */
export function topicMessages(round: readonly RoundBatch<unknown>[]): TopicMessages[] {
  const byTopic = new Map<string, Message[]>();
  for (const { topic, messages } of round) {
    const all = byTopic.get(topic);
    if (all) for (const message of messages) all.push(message);
    else byTopic.set(topic, [...messages]);
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}

/** At most, with what the format adds: lengths of at most five bytes each, offset and time. */
function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let size = lengthOf(key) + lengthOf(value) + 40;
  for (const name in headers) size += lengthOf(name) + lengthOf(headers[name]) + 10;
  return size;
}

function lengthOf(text: string | Buffer | null | undefined): number {
  if (!text) return 0;
  return typeof text === 'string' ? Buffer.byteLength(text) : text.length;
}
