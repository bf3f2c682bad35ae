import { LostRangeError, type LogRecord, type Logs, type OutgoingRecord } from '@tributary/kafka';
import { FIRST_FORMAT, migrationFrom, StateFormatError, type StateFormat } from './state-format.js';
import type { PartitionStore } from './partition-store.js';

const MARKER = '@marker';
const EPOCH_KEY = '@epoch';
const KEYS_AT_ONCE = 20_000;

/** One partition of a processor's changelog, as one owner writes it. */
export interface Changelog {
  readonly topic: string;
  readonly partition: number;
  /** The offset of this owner's epoch record. Every record of its own carries it; readers drop what carries a lower one. */
  readonly epoch: number;
  readonly format: StateFormat;
}

/** The record that takes a partition of a changelog over: what others still write behind it counts for nothing. */
export function epochRecord(topic: string, partition: number): OutgoingRecord {
  return {
    topic,
    partition,
    key: EPOCH_KEY,
    value: JSON.stringify({ workspaceId: '@', offsets: {} }),
    headers: { schema: 'state@1' },
  };
}

/** Takes a partition of a changelog over: from here on, what owners before this one write counts for nothing. */
export async function beginEpoch(
  logs: Logs,
  of: Pick<Changelog, 'topic' | 'partition' | 'format'>,
): Promise<Changelog> {
  const { topic, partition } = of;
  // Answered once the partition has a leader, for which a topic that was just created may wait longer than a send does.
  await logs.bounds(topic);
  const [epoch] = await logs.send([epochRecord(topic, partition)]);
  if (epoch === undefined)
    throw new Error(`the epoch record of ${topic} partition ${partition} was not acknowledged`);
  return { ...of, epoch };
}

/** A key's state as it is in the changelog; null where the key has none. */
export function stateRecord(log: Changelog, key: string, entry: string | null): OutgoingRecord {
  const value = entry && `{"workspaceId":"@",${entry.slice(1)}`;
  return recordOf(log, key, value);
}

/** How far the whole partition is. */
export function markerRecord(log: Changelog, offsets: Readonly<Record<string, number>>): OutgoingRecord {
  return recordOf(log, MARKER, JSON.stringify({ workspaceId: '@', offsets }));
}

/** Whether a record of a changelog is about the partition, not about a key. */
export function isOfPartition(key: string): boolean {
  return key === MARKER || key === EPOCH_KEY;
}

function recordOf(
  { topic, partition, epoch, format }: Changelog,
  key: string,
  value: string | null,
): OutgoingRecord {
  const { version } = format;
  const headers = {
    schema: 'state@1',
    epoch: String(epoch),
    ...(version > 1 && { format: String(version) }),
  };
  return { topic, partition, key, value, headers };
}

/**
 * Brings a store up to what owners before this one wrote, up to this one's epoch record. A record of an owner that
 * another's had already replaced is dropped; the answer is the range of these, for compaction could keep them.
 * Throws a LostRangeError where the changelog begins after the offset that the store reflects.
 */
export async function catchUp(
  logs: Logs,
  { topic, partition, epoch: own, format }: Changelog,
  store: PartitionStore,
  now: () => number,
): Promise<{ readonly from: number; readonly to: number } | undefined> {
  const meta = store.meta;
  const tablesBehind = meta?.tablesBehind ?? meta?.offsets ?? {};
  const from = meta?.changelogOffset ?? 0;
  if (from >= own) return undefined;
  // Compaction never moves a log's start: where it has moved, states are gone that nobody else has.
  const start = (await logs.bounds(topic)).get(partition)?.start ?? 0;
  if (from < start) throw new LostRangeError(topic, partition, from, start);
  let offsets = meta?.offsets ?? {};
  let epoch = meta?.changelogEpoch ?? 0;
  let states = new Map<string, string | null>();
  let isTaken = false;
  let stale: { from: number; to: number } | undefined;
  const save = async (changelogOffset: number) => {
    if (!meta && !isTaken) return;
    const behind = isTaken ? tablesBehind : meta?.tablesBehind;
    await store.commit(states, {
      offsets,
      changelogOffset,
      changelogEpoch: epoch,
      format: format.version,
      ...(behind && { tablesBehind: behind }),
      at: now(),
    });
    states = new Map();
  };
  const reached = await logs.read({ topic, partition, from, to: own }, async (record) => {
    if (record.key === EPOCH_KEY) {
      epoch = Math.max(epoch, record.offset);
      return;
    }
    const of = Number(record.headers.epoch ?? epoch);
    if (of < epoch) {
      stale = { from: stale?.from ?? record.offset, to: record.offset + 1 };
      return;
    }
    epoch = of;
    isTaken = true;
    const text = migrated(record, format);
    if (record.key === MARKER) offsets = (JSON.parse(text ?? '{}') as { offsets: typeof offsets }).offsets;
    else states.set(record.key, text);
    if (states.size >= KEYS_AT_ONCE) await save(record.offset + 1);
  });
  await save(reached);
  return stale;
}

/** A record's value in the present format; a state that nothing can bring there stops the processor. */
function migrated(record: LogRecord, format: StateFormat): string | null {
  const text = record.value?.toString('utf8') ?? null;
  const found = Number(record.headers.format ?? FIRST_FORMAT.version);
  const place = `${record.topic} partition ${record.partition} offset ${record.offset}`;
  const migrate = migrationFrom(format, found, place);
  if (text === null || isOfPartition(record.key)) return text;
  if (!migrate) throw new StateFormatError(place, found, format.version);
  return migrate(text, record.key);
}
