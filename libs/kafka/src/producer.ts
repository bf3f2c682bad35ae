import { partitionOf } from '@tributary/kernel';
import type { Message, Producer } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaConnection } from './connection.js';
import { CompressionTypes } from './kafkajs.js';
import { halves, ProduceRounds, topicMessages, type RoundBatch } from './produce-rounds.js';
import type { OutgoingRecord } from './records.js';

export interface BatchingProducerOptions {
  /** How long the first record of a batch waits for company, in milliseconds. */
  readonly lingerMs?: number;
  /** A batch is closed when it holds this many bytes of values. */
  readonly maxBatchBytes?: number;
  /**
   * Answers with what is written in the place of a record that the broker refuses as too large. Without it the send rejects.
   * The offset of such a record is -1.
   */
  readonly standIn?: (refused: OutgoingRecord & { readonly partition: number }) => OutgoingRecord;
  /** Called before each request, one that is tried again too; throws where this process may no longer write. */
  readonly beforeSend?: () => void;
}

interface Send {
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
  readonly resolve: (offsets: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The send that a record came with, and its place in it. */
type Place = readonly [Send, number];

type Round = readonly RoundBatch<Place>[];

const MAX_BATCH_BYTES = 900_000;
/** Of which no broker knows the partition. */
const VAIN_REQUESTS = 20;
const AGAIN_MS = 100;

/**
 * Writes records with acks from all in-sync replicas, batched over a few milliseconds.
 * One request is under way at a time, so records of one partition are in the order in which they were sent, also
 * after a retry; the records of one `send` to one partition are in one record batch unless they exceed its size.
 */
export class BatchingProducer {
  readonly #connection: KafkaConnection;
  readonly #options: Required<Omit<BatchingProducerOptions, 'beforeSend' | 'standIn'>> &
    BatchingProducerOptions;
  readonly #producer: Producer;
  readonly #partitions = new Map<string, number>();
  #queue: Send[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #firstOfRequest: Message | undefined;
  #refusal: { readonly reason: unknown } | undefined;

  constructor(connection: KafkaConnection, options: BatchingProducerOptions = {}) {
    this.#connection = connection;
    this.#options = { lingerMs: 2, maxBatchBytes: MAX_BATCH_BYTES, ...options };
    this.#producer = connection.client.producer({
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
      // Asked for each message at each attempt: the one place of kafkajs that a request passes when it is tried again.
      createPartitioner:
        () =>
        ({ message }) => {
          if (message === this.#firstOfRequest) this.#ask();
          return message.partition ?? 0;
        },
    });
  }

  async connect(): Promise<void> {
    await this.#producer.connect();
  }

  /** Bytes of values that are waiting or under way. */
  get pendingBytes(): number {
    return this.#queuedBytes;
  }

  /** Writes the records; the offsets come in their order. Rejects when Kafka did not take them all. */
  async send(records: readonly OutgoingRecord[]): Promise<readonly number[]> {
    if (records.length === 0) return [];
    const bytes = records.reduce((sum, r) => sum + (r.value?.length ?? 0) + r.key.length, 0);
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, bytes, resolve, reject });
      this.#queuedBytes += bytes;
      if (this.#flushing) return;
      if (this.#queuedBytes >= this.#options.maxBatchBytes) this.#flush();
      else
        this.#timer ??= setTimeout(() => {
          this.#flush();
        }, this.#options.lingerMs);
    });
  }

  /** Lets go of what is not under way yet: its sends reject. */
  withdraw(): void {
    const withdrawn = this.#queue;
    this.#queue = [];
    for (const { bytes, reject } of withdrawn) {
      this.#queuedBytes -= bytes;
      reject(new Error('withdrawn before it was sent'));
    }
  }

  /** Writes what is waiting, then closes the connection. */
  async disconnect(): Promise<void> {
    while (this.#queue.length > 0 || this.#flushing) {
      this.#flush();
      await this.#flushing;
    }
    await this.#producer.disconnect();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#flushing || this.#queue.length === 0) return;
    const sends = this.#take();
    this.#flushing = this.#write(sends).finally(() => {
      this.#flushing = undefined;
      this.#queuedBytes -= sends.reduce((sum, s) => sum + s.bytes, 0);
      this.#flush();
    });
  }

  #ask(): void {
    try {
      this.#options.beforeSend?.();
    } catch (reason) {
      this.#refusal = { reason };
      // kafkajs tries again whatever does not say that it is in vain.
      throw Object.assign(new Error('not to be sent', { cause: reason }), { retriable: false });
    }
  }

  #take(): readonly Send[] {
    let bytes = 0;
    let count = 0;
    for (const send of this.#queue) {
      if (count > 0 && bytes + send.bytes > this.#options.maxBatchBytes) break;
      bytes += send.bytes;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #write(sends: readonly Send[]): Promise<void> {
    try {
      const { rounds } = await this.#pack(sends);
      const offsets = new Map(sends.map((send) => [send, new Array<number>(send.records.length)]));
      const note = ([send, i]: Place, offset: number) => {
        const found = offsets.get(send);
        if (found) found[i] = offset;
      };
      for (const round of rounds) await this.#request(round, note);
      for (const send of sends) send.resolve(offsets.get(send) ?? []);
    } catch (error) {
      const reason = this.#refusal ? this.#refusal.reason : error;
      this.#refusal = undefined;
      for (const send of sends) send.reject(reason);
    }
  }

  /** `vain`: so many requests before this one had no answer for anything of it. */
  async #request(round: Round, note: (place: Place, offset: number) => void, vain = 0): Promise<void> {
    const requests = topicMessages(round);
    this.#firstOfRequest = requests[0]?.messages[0];
    try {
      const acks = await this.#producer.sendBatch({
        acks: -1,
        compression: CompressionTypes.None,
        topicMessages: requests,
      });
      const unanswered = new Set(round);
      for (const { topicName, partition, baseOffset } of acks) {
        const batch = round.find((b) => b.topic === topicName && b.partition === partition);
        if (!batch) continue;
        unanswered.delete(batch);
        for (const [n, place] of batch.places.entries()) note(place, Number(baseOffset) + n);
      }
      const isVain = unanswered.size === round.length;
      if (unanswered.size > 0) await this.#requestAgain([...unanswered], note, isVain ? vain + 1 : 0);
    } catch (error) {
      if (!isTooLarge(error) || !this.#options.standIn) throw error;
      const [front, back] = halves(round);
      if (front && back) {
        await this.#request(front, note);
        await this.#request(back, note);
        return;
      }
      const [one] = round;
      const [place] = one?.places ?? [];
      if (one && place) await this.#replace(place, one.partition, note);
    }
  }

  /**
   * kafkajs 2.2.4 calls a request whole although nothing was sent of a partition that is not in its metadata, or that came,
   * while it was tried again, to a broker which had answered before.
   */
  async #requestAgain(
    unanswered: Round,
    note: (place: Place, offset: number) => void,
    vain: number,
  ): Promise<void> {
    const [one] = unanswered;
    if (one && vain > VAIN_REQUESTS)
      throw new Error(`no broker takes records of ${one.topic} partition ${one.partition}`);
    if (vain > 0) await delay(AGAIN_MS);
    await this.#request(unanswered, note, vain);
  }

  async #replace(
    place: Place,
    partition: number,
    note: (place: Place, offset: number) => void,
  ): Promise<void> {
    const [send, i] = place;
    const record = send.records[i];
    const standIn = record && this.#options.standIn?.({ ...record, partition });
    if (!standIn) return;
    const { rounds } = await this.#pack([{ ...send, records: [standIn] }]);
    for (const round of rounds) await this.#request(round, () => undefined);
    note(place, -1);
  }

  async #pack(sends: readonly Send[]): Promise<ProduceRounds<Place>> {
    const packed = new ProduceRounds<Place>(MAX_BATCH_BYTES);
    for (const send of sends) {
      for (const [i, record] of send.records.entries()) {
        const partition =
          record.partition ??
          partitionOf(
            record.partitionKey ?? record.key,
            this.#partitions.get(record.topic) ?? (await this.#countPartitions(record.topic)),
          );
        packed.add(record, partition, [send, i]);
      }
    }
    return packed;
  }

  async #countPartitions(topic: string): Promise<number> {
    const { topics } = await this.#connection.withAdmin((admin) =>
      admin.fetchTopicMetadata({ topics: [topic] }),
    );
    const count = topics[0]?.partitions.length ?? 0;
    if (count === 0) throw new Error(`topic ${topic} has no partitions: was it created?`);
    this.#partitions.set(topic, count);
    return count;
  }
}

/** kafkajs says it itself, or the cause of what it says does. */
function isTooLarge(error: unknown): boolean {
  const { type, cause } = error as { readonly type?: unknown; readonly cause?: unknown };
  return type === 'MESSAGE_TOO_LARGE' || (cause !== undefined && isTooLarge(cause));
}
