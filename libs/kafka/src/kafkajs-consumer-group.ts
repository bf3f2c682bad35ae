import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { FETCH_PACE } from './client-settings.js';
import { FetchPace } from './fetch-pace.js';
import { LostRangeError, SilencedError } from './kafka.errors.js';

interface Place {
  readonly topic: string;
  readonly partition: number;
}

interface TopicOffsets {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

interface FetchedBatch {
  /** With the bytes of the partition in the answer. */
  readonly rawMessages?: { readonly bytes?: number };
}

/** Of kafkajs's member of a group, what is used here. */
interface ConsumerGroup {
  readonly memberId: string | null;
  readonly groupId: string;
  readonly generationId: number | null;
  readonly cluster: {
    fetchTopicsOffset(
      topics: readonly {
        topic: string;
        partitions: readonly { partition: number }[];
        fromBeginning: boolean;
      }[],
    ): Promise<readonly TopicOffsets[]>;
  };
  readonly offsetManager: {
    readonly resolvedOffsets: Readonly<Record<string, Readonly<Record<number, unknown>>>>;
    committedOffsets(): Readonly<Record<string, Readonly<Record<number, unknown>>>>;
    nextOffset(topic: string, partition: number): { toString(): string };
  };
  instrumentationEmitter: { emit(event: string, payload: object): void };
  hasSeekOffset(place: Place): boolean;
  isPaused(topic: string, partition: number): boolean;
  heartbeat(options: { readonly interval: number }): Promise<void>;
  recoverFromOffsetOutOfRange(error: Place): Promise<void>;
  joinAndSync(): Promise<void>;
  fetch(nodeId: string): Promise<readonly FetchedBatch[]>;
}

type Method<N extends keyof ConsumerGroup> = ConsumerGroup[N];

const require = createRequire(import.meta.url);
const CONSUMER_GROUP = 'kafkajs/src/consumer/consumerGroup.js';
const EVENTS = 'kafkajs/src/consumer/instrumentationEvents.js';
const silenced = new Set<string>();

/** No heartbeat of this member goes out any more: the group lets it go, whatever is still under way in it. */
export function silence(memberId: string): void {
  silenced.add(memberId);
}

/** The generation of the group for which a batch was fetched. */
const generations = new WeakMap<object, number | null>();

/** Undefined of a batch that was not fetched by a group. */
export function generationOf(batch: object): number | null | undefined {
  return generations.get(batch);
}

/** The generation that a member joined, of the event that says so. */
export function generationIn(joined: object): number {
  const { generationId } = joined as { readonly generationId?: unknown };
  if (typeof generationId === 'number') return generationId;
  throw new Error('kafkajs did not say which generation was joined: is it another version than 2.2.4?');
}

const OLD_GENERATION = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);

/** Whether the group refused a request because it is in another generation by now, or on its way there. */
export function isOfOldGeneration(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { type } = error as { readonly type?: unknown };
  return (typeof type === 'string' && OLD_GENERATION.has(type)) || isOfOldGeneration(error.cause);
}

/**
 * Where an offset is not in the log, kafkajs 2.2.4 commits another and goes on from there without a word. This ends
 * the consumer with a LostRangeError instead. And it lets a member be silenced, which kafkajs's own way of stopping
 * does not do: it heartbeats until the last handler is done. It says of which generation a join and a batch are, which
 * kafkajs knows and keeps to itself.
 */
export function mendConsumerGroup(): void {
  const { prototype } = require(CONSUMER_GROUP) as { prototype: ConsumerGroup };
  const { events } = require(EVENTS) as { events: { readonly CRASH: string } };
  const heartbeat = methodOf(prototype, 'heartbeat');
  prototype.heartbeat = async function (this: ConsumerGroup, options) {
    if (this.memberId !== null && silenced.has(this.memberId)) throw new SilencedError(this.memberId);
    await heartbeat.call(this, options);
  };
  prototype.recoverFromOffsetOutOfRange = async function (this: ConsumerGroup, { topic, partition }) {
    const lost = await lostRange(this, { topic, partition });
    if (!lost) return;
    // At once: kafkajs reports its end only when the handlers of all other partitions are done.
    this.instrumentationEmitter.emit(events.CRASH, { error: lost, groupId: this.groupId, restart: false });
    throw lost;
  };
  tellGenerations(prototype);
  keepPace(prototype);
}

function keepPace(prototype: ConsumerGroup): void {
  const fetch = methodOf(prototype, 'fetch');
  const kept = new WeakMap<ConsumerGroup, Map<string, FetchPace>>();
  prototype.fetch = async function (this: ConsumerGroup, nodeId) {
    const ofBrokers = kept.get(this) ?? new Map<string, FetchPace>();
    kept.set(this, ofBrokers);
    const ofBroker = ofBrokers.get(nodeId) ?? new FetchPace(FETCH_PACE);
    ofBrokers.set(nodeId, ofBroker);
    const dueIn = ofBroker.dueIn(performance.now());
    if (dueIn > 0) await pause(dueIn);
    const sentAt = performance.now();
    const batches = await fetch.call(this, nodeId);
    const bytes = batches.reduce((sum, { rawMessages }) => sum + (rawMessages?.bytes ?? 0), 0);
    ofBroker.brought(bytes, sentAt);
    return batches;
  };
}

function tellGenerations(prototype: ConsumerGroup): void {
  const { events } = require(EVENTS) as { events: { readonly GROUP_JOIN: string } };
  const [joinAndSync, fetch] = [methodOf(prototype, 'joinAndSync'), methodOf(prototype, 'fetch')];
  const telling = new WeakSet<ConsumerGroup>();
  prototype.joinAndSync = async function (this: ConsumerGroup) {
    if (!telling.has(this)) {
      telling.add(this);
      const emitter = this.instrumentationEmitter;
      this.instrumentationEmitter = {
        emit: (event, payload) => {
          const { generationId } = this;
          emitter.emit(event, event === events.GROUP_JOIN ? { ...payload, generationId } : payload);
        },
      };
    }
    await joinAndSync.call(this);
  };
  prototype.fetch = async function (this: ConsumerGroup, nodeId) {
    const { generationId } = this;
    const batches = await fetch.call(this, nodeId);
    // Of one that is over: it begins where that one was.
    if (generationId !== this.generationId) return [];
    for (const batch of batches) generations.set(batch, generationId);
    return batches;
  };
}

function methodOf<N extends keyof ConsumerGroup>(prototype: ConsumerGroup, name: N): Method<N> {
  return Object.getOwnPropertyDescriptor(prototype, name)?.value as Method<N>;
}

/** Undefined where the offset is none that would be fetched next, or is in the log again. */
async function lostRange(group: ConsumerGroup, place: Place): Promise<LostRangeError | undefined> {
  const { topic, partition } = place;
  const isKnown = () =>
    group.offsetManager.resolvedOffsets[topic]?.[partition] !== undefined ||
    group.offsetManager.committedOffsets()[topic]?.[partition] !== undefined;
  if (group.hasSeekOffset(place) || group.isPaused(topic, partition) || !isKnown()) return undefined;
  const offset = Number(group.offsetManager.nextOffset(topic, partition).toString());
  const start = await boundOf(group, place, true);
  if (offset < start) return new LostRangeError(topic, partition, offset, start);
  const end = await boundOf(group, place, false);
  return offset > end ? new LostRangeError(topic, partition, end, offset, 'read') : undefined;
}

async function boundOf(
  { cluster }: ConsumerGroup,
  { topic, partition }: Place,
  fromBeginning: boolean,
): Promise<number> {
  const [found] = await cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning }]);
  const bound = found?.partitions.find((of) => of.partition === partition)?.offset;
  if (bound === undefined)
    throw new Error(`the broker did not say where ${topic} partition ${partition} ends`);
  return Number(bound);
}
