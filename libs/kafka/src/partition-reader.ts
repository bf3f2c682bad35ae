import type { Cluster } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  FETCH_BYTES,
  FETCH_WAIT_MS,
  FIRST_RETRY_MS,
  LONGEST_RETRY_MS,
  READ_PARTITION_BYTES,
} from './client-settings.js';
import { ClientSockets } from './client-sockets.js';
import type { KafkaConnection } from './connection.js';
import { yieldToEventLoop } from './event-loop.js';
import { LeaderlessError, LostRangeError } from './kafka.errors.js';
import { clusterOf, isClosedConnection, isOutOfRange, isPassing, READ_COMMITTED } from './kafkajs-cluster.js';
import { recordsIn, type PartitionData } from './kafkajs-fetch.js';
import type { LogRecord } from './records.js';
import { logBounds } from './topics.js';

export interface PartitionReaderOptions {
  readonly connection: KafkaConnection;
  readonly topic: string;
  /** Of each partition that is read, the offset at which the reading begins. */
  readonly starts: ReadonlyMap<number, number>;
  /** Takes one record after the other, those of a partition in order. What it throws ends the reading. */
  readonly onRecord: (record: LogRecord) => void | Promise<void>;
  /** Told how far a partition is, after its records; true where nothing more of it is wanted. */
  readonly onReached?: (partition: number, next: number) => boolean;
  /** Ends the reading: the handler threw, records are gone (LostRangeError), or the broker refuses for good. Told once. */
  readonly onFatal: (error: unknown) => void;
  /** Without a fetch that succeeds for so long the reading ends, in milliseconds; it never does unless given. */
  readonly givesUpAfterMs?: number;
}

/** A broker that no partition has: that of partitions whose leader is not known. */
const NO_NODE = -1;

/**
 * Reads partitions of a topic from given offsets on, without a group: it asks for metadata, and fetches from the leaders,
 * all partitions of a broker in one request, which is handed over before the next one. Whatever passes by itself, as a
 * broker that is away or another leader, is asked again, after longer and longer pauses.
 */
export class PartitionReader {
  readonly #options: PartitionReaderOptions;
  readonly #sockets = new ClientSockets();
  readonly #cluster: Cluster;
  /** The next offset of each partition that is read. */
  readonly #positions: Map<number, number>;
  /** The brokers that are fetched from. */
  readonly #nodes = new Set<number>();
  readonly #closing = new AbortController();
  /** Brokers answer side by side; their records are handed over one after the other. */
  #turn: Promise<void> = Promise.resolve();
  /** Of each broker that is asked in vain, how often that was, and since when. */
  readonly #failing = new Map<number, { readonly times: number; readonly since: number }>();

  constructor(options: PartitionReaderOptions) {
    this.#options = options;
    this.#positions = new Map(options.starts);
    // It asks again itself: the client's own way goes on after the reader was closed.
    const client = { sockets: this.#sockets, isSilent: () => this.#isClosed, retries: 0 };
    this.#cluster = clusterOf(options.connection.newClient(client));
    this.#spread();
  }

  /** The next offset of each partition that is still read. */
  get positions(): ReadonlyMap<number, number> {
    return this.#positions;
  }

  /** Stops at once: a fetch that is under way is cut off, a record that is handed over is waited for. */
  async close(): Promise<void> {
    this.#end();
    await this.#turn;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #end(): void {
    this.#closing.abort();
    this.#sockets.cut();
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#end();
    this.#options.onFatal(error);
  }

  /** Fetches from every broker that leads a partition of ours. */
  #spread(): void {
    for (const partition of this.#positions.keys()) {
      const node = this.#leaderOf(partition);
      if (this.#nodes.has(node)) continue;
      this.#nodes.add(node);
      void this.#serve(node);
    }
  }

  async #serve(node: number): Promise<void> {
    try {
      while (!this.#isClosed) {
        const partitions = [...this.#positions.keys()].filter((p) => this.#leaderOf(p) === node);
        if (partitions.length === 0) return;
        try {
          if (node === NO_NODE) await this.#findLeaders();
          else await this.#fetch(node, partitions);
          this.#failing.delete(node);
        } catch (error) {
          await this.#recover(error, node);
        }
        this.#spread();
      }
    } finally {
      this.#nodes.delete(node);
      // What was opened meanwhile.
      if (this.#isClosed) await this.#cluster.disconnect().catch(() => undefined);
    }
  }

  #leaderOf(partition: number): number {
    if (!this.#cluster.isConnected()) return NO_NODE;
    const known = this.#metadata().find(({ partitionId }) => partitionId === partition);
    return known?.leader ?? NO_NODE;
  }

  #metadata() {
    try {
      return this.#cluster.findTopicPartitionMetadata(this.#options.topic);
    } catch {
      return [];
    }
  }

  async #findLeaders(): Promise<void> {
    await this.#cluster.connect();
    await this.#cluster.addMultipleTargetTopics([this.#options.topic]);
    await this.#cluster.refreshMetadata();
    const leaderless = [...this.#positions.keys()].filter((p) => this.#leaderOf(p) === NO_NODE);
    if (leaderless.length > 0) throw new LeaderlessError(this.#options.topic, leaderless);
  }

  async #fetch(node: number, partitions: readonly number[]): Promise<void> {
    const { connection, topic } = this.#options;
    const from = new Map(partitions.map((partition) => [partition, this.#positions.get(partition) ?? 0]));
    const broker = await this.#cluster.findBroker({ nodeId: String(node) });
    const answer = (await broker.fetch({
      isolationLevel: READ_COMMITTED,
      maxWaitTime: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytes: connection.options.tuning?.fetchBytes ?? FETCH_BYTES,
      topics: [
        {
          topic,
          partitions: [...from].map(([partition, offset]) => ({
            partition,
            fetchOffset: String(offset),
            maxBytes: READ_PARTITION_BYTES,
          })),
        },
      ],
    })) as { readonly responses: readonly { readonly partitions: readonly PartitionData[] }[] };
    const fetched = answer.responses.flatMap((of) => of.partitions);
    const handed = this.#turn.then(() => this.#handOver(fetched, from));
    this.#turn = handed;
    await handed;
  }

  async #handOver(fetched: readonly PartitionData[], from: ReadonlyMap<number, number>): Promise<void> {
    const isEmpty = fetched.every(({ messages }) => messages.bytes === 0);
    try {
      for (const data of fetched) {
        const { partition } = data;
        const at = from.get(partition);
        // Its leader changed meanwhile, and the new one's answer came first.
        if (at === undefined || this.#positions.get(partition) !== at) continue;
        await yieldToEventLoop();
        await this.#handOverPartition(data, at, isEmpty ? endOf(data) : at);
        if (this.#isClosed) return;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * Moves to the end of what was fetched, whatever is left of it. Where the answer has no bytes at all there is nothing
   * more up to the end, for a broker that has something gives some of it.
   */
  async #handOverPartition(data: PartitionData, at: number, end: number): Promise<void> {
    const { topic, onRecord, onReached } = this.#options;
    const { partition } = data;
    for (const record of recordsIn(topic, at, data)) {
      if (this.#isClosed) return;
      const taken = onRecord(record);
      if (taken) await taken;
      this.#positions.set(partition, record.offset + 1);
    }
    const next = Math.max(this.#positions.get(partition) ?? at, data.messages.next ?? 0, end);
    this.#positions.set(partition, next);
    if (onReached?.(partition, next) === true) this.#positions.delete(partition);
  }

  /** Ends the reading, or waits until it makes sense to ask again. */
  async #recover(error: unknown, node: number): Promise<void> {
    if (this.#isClosed) return;
    const { connection, topic, givesUpAfterMs = Infinity } = this.#options;
    const lost = isOutOfRange(error) ? await this.#lostRange(error.partition) : undefined;
    const { times, since } = this.#failing.get(node) ?? { times: 0, since: Date.now() };
    if (lost ?? (!isPassing(error) || Date.now() - since >= givesUpAfterMs)) {
      this.#fail(lost ?? error);
      return;
    }
    this.#failing.set(node, { times: times + 1, since });
    connection.options.logger?.warn(
      { topic, node, times: times + 1, error },
      'no records came: asking again',
    );
    const pause = Math.min(FIRST_RETRY_MS * 2 ** times, LONGEST_RETRY_MS);
    try {
      await delay(pause, undefined, { signal: this.#closing.signal });
      if (isClosedConnection(error)) this.#cluster.removeBroker(error);
      await this.#findLeaders();
    } catch {
      // What is wrong shows at the next request.
    }
  }

  /** Undefined where the offset is in the log after all, as when a new leader has not caught up yet. */
  async #lostRange(partition: number): Promise<LostRangeError | undefined> {
    const { connection, topic } = this.#options;
    const at = this.#positions.get(partition);
    const bounds = (await logBounds(connection, topic).catch(() => undefined))?.get(partition);
    if (at === undefined || !bounds) return undefined;
    if (at < bounds.start) return new LostRangeError(topic, partition, at, bounds.start);
    return at > bounds.end ? new LostRangeError(topic, partition, bounds.end, at, 'read') : undefined;
  }
}

/** The offset up to which a fetch would have brought records. */
function endOf({ highWatermark, lastStableOffset }: PartitionData): number {
  const end = Number(highWatermark);
  const stable = Number(lastStableOffset ?? -1);
  return stable < 0 ? end : Math.min(end, stable);
}
