import { createRequire } from 'node:module';
import { LostRangeError, SilencedError } from './kafka.errors.js';

interface Place {
  readonly topic: string;
  readonly partition: number;
}

interface TopicOffsets {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

/** Of kafkajs's member of a group, what is used here. */
interface ConsumerGroup {
  readonly memberId: string | null;
  readonly groupId: string;
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
  readonly instrumentationEmitter: { emit(event: string, payload: object): void };
  hasSeekOffset(place: Place): boolean;
  isPaused(topic: string, partition: number): boolean;
  heartbeat(options: { readonly interval: number }): Promise<void>;
  recoverFromOffsetOutOfRange(error: Place): Promise<void>;
}

const require = createRequire(import.meta.url);
const CONSUMER_GROUP = 'kafkajs/src/consumer/consumerGroup.js';
const EVENTS = 'kafkajs/src/consumer/instrumentationEvents.js';
const silenced = new Set<string>();

/** No heartbeat of this member goes out any more: the group lets it go, whatever is still under way in it. */
export function silence(memberId: string): void {
  silenced.add(memberId);
}

/**
 * Where an offset is not in the log, kafkajs 2.2.4 commits another and goes on from there without a word. This ends
 * the consumer with a LostRangeError instead. And it lets a member be silenced, which kafkajs's own way of stopping
 * does not do: it heartbeats until the last handler is done.
 */
export function mendConsumerGroup(): void {
  const { prototype } = require(CONSUMER_GROUP) as { prototype: ConsumerGroup };
  const { events } = require(EVENTS) as { events: { readonly CRASH: string } };
  const heartbeat = Object.getOwnPropertyDescriptor(prototype, 'heartbeat')
    ?.value as ConsumerGroup['heartbeat'];
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
