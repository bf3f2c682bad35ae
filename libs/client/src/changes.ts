import { EpochReader, type AudienceChangeMessage } from '@tributary/contracts';
import {
  logBounds,
  LostRangeError,
  TopicFollower,
  type KafkaConnection,
  type LogRecord,
} from '@tributary/kafka';
import { ChangesLostError } from './client.errors.js';
import { HandOver } from './hand-over.js';
import { handedOver } from './handed-over.js';
import type { Place, PlaceStore } from './places.js';

/** What {@link followChanges} reads, and how it ends. */
export interface Following {
  readonly topic: string;
  readonly from: 'beginning' | 'now';
  readonly places: PlaceStore | undefined;
  /** How long places may be kept later than the changes are taken, in milliseconds. */
  readonly saveEveryMs: number;
  /** False: it ends where the topic ended at the start. */
  readonly follow: boolean;
  readonly signal: AbortSignal | undefined;
  readonly isWanted: (change: AudienceChangeMessage) => boolean;
}

/** The changes that are wanted, each once, those of a partition in order, from where the places say. */
export async function* followChanges(
  connection: KafkaConnection,
  { topic, from, places: store, saveEveryMs, follow, signal, isWanted }: Following,
): AsyncGenerator<AudienceChangeMessage, void> {
  const places = await placesAtFirst(connection, topic, from, store);
  const reader = new EpochReader([...places]);
  const handOver = new HandOver<AudienceChangeMessage>();
  let savedAt = Date.now();
  const save = async () => {
    savedAt = Date.now();
    await store?.save(Object.fromEntries(places));
  };
  await save();
  const take = async (record: LogRecord) => {
    const { partition, offset } = record;
    const change = reader.isNews(record) && record.value ? changeIn(record.value) : undefined;
    if (change && isWanted(change) && !(await handOver.give(change))) return;
    places.set(partition, { offset: offset + 1, ...reader.heard(partition) });
    if (Date.now() - savedAt >= saveEveryMs) await save();
  };
  const starts = new Map([...places].map(([partition, { offset }]) => [partition, offset]));
  const onFatal = (error: unknown) => {
    handOver.fail(lostAs(error));
  };
  const follower = new TopicFollower(connection, { name: topic }, take, { starts, onFatal });
  const onCaughtUp = () => {
    if (!follow) handOver.end();
  };
  try {
    yield* handedOver(handOver, follower, { signal, onCaughtUp, onFatal });
  } finally {
    await save();
  }
}

async function placesAtFirst(
  connection: KafkaConnection,
  topic: string,
  from: 'beginning' | 'now',
  store: PlaceStore | undefined,
): Promise<Map<number, Place>> {
  const kept = await store?.load();
  const bounds = await logBounds(connection, topic);
  return new Map(
    [...bounds].map(([partition, { start, end }]) => {
      const offset = from === 'now' && !kept ? end : start;
      return [partition, kept?.[partition] ?? { offset, epoch: 0, sequence: 0 }];
    }),
  );
}

function changeIn(value: Buffer): AudienceChangeMessage {
  return JSON.parse(value.toString('utf8')) as AudienceChangeMessage;
}

function lostAs(error: unknown): unknown {
  if (!(error instanceof LostRangeError)) return error;
  return new ChangesLostError(error.partition, error.from, error.to, { cause: error });
}
