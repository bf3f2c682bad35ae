import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import type { LogRecord, PartitionBatch } from '@tributary/kafka';
import { toInstant } from '@tributary/kernel';
import { KeyedState, PartitionStore, type PartitionContext, type Phases } from '@tributary/state';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FragmentsProcessor, type FragmentsState } from './fragments.processor.js';

const EVENTS = TOPICS.events.name;
const HOLD_MS = 2_000;
let dir: string;
let store: PartitionStore;
let now: number;
let asked: (readonly [number, number])[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fragments-'));
  store = await PartitionStore.open(dir);
  now = 1_700_000_000_000;
  asked = [];
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

const log: LogRecord[] = [];
function event(
  offset: number,
  messageId: string,
  identifiers: readonly string[],
  more: { readonly deduplicationId?: string } = {},
): LogRecord {
  const receivedAt = toInstant(now);
  const value = { workspaceId: 'w', sourceId: 's', type: 'track', event: 'E', messageId, identifiers };
  return {
    topic: EVENTS,
    partition: 0,
    offset,
    key: `w/${identifiers[0] ?? ''}`,
    value: Buffer.from(JSON.stringify({ ...value, ...more, context: {}, timestamp: receivedAt, receivedAt })),
    headers: { schema: 'event@1', messageId, receivedAt, ...more },
    timestamp: now,
  };
}

const batch = (...records: LogRecord[]): PartitionBatch => {
  const endOffset = (records.at(-1)?.offset ?? 0) + 1;
  return { topic: EVENTS, partition: 0, records, endOffset, logEnd: endOffset };
};

function startProcessor(start: number, tablesBehind?: Readonly<Record<string, number>>) {
  const state = new KeyedState<FragmentsState>(store, 100);
  const context: PartitionContext<FragmentsState> = {
    partition: 0,
    state,
    store,
    tablesBehind,
    startOf: () => start,
    wakeAt: () => undefined,
  };
  const processor = new FragmentsProcessor(context, {
    holdMs: HOLD_MS,
    now: () => now,
    readEvents: (from, to, onRecord) => {
      asked.push([from, to]);
      for (const record of log) if (record.offset >= from && record.offset < to) onRecord(record);
      return Promise.resolve();
    },
  });
  const saveStates = () =>
    store.commit(state.changes(), { offsets: { [EVENTS]: start }, changelogOffset: 0, at: now });
  return { processor, saveStates };
}

const published = (phases: Phases) => phases.flat().map(({ key }) => key.split('·').slice(1).join(' '));

describe('a processor whose states came from the changelog, and whose tables know nothing of it', () => {
  it('publishes what was held, and knows the duplicates of what its tables have not seen', async () => {
    const held = event(0, 'm1', ['user_id:u', 'anonymous_id:a']);
    log.splice(0, log.length, held);
    const before = startProcessor(0);
    expect(published(before.processor.handle(batch(held)))).toEqual([]);
    await before.saveStates();

    now += HOLD_MS;
    const { processor } = startProcessor(1, {});
    expect(published(await processor.restored())).toEqual([
      'user_id:u identifier/anonymous_id:a',
      'user_id:u @seen',
      'user_id:u @attached',
    ]);
    expect(asked).toEqual([[0, 1]]);
    expect(published(processor.handle(batch({ ...held, offset: 1 })))).toEqual([]);
  });
});

describe('a duplicate', () => {
  it('is dropped within a day of the first in the log, counts after it, and a replay is none', () => {
    const { processor } = startProcessor(0);
    const first = event(0, 'm1', ['user_id:u']);
    expect(published(processor.handle(batch(first)))).toEqual(['user_id:u @seen', 'user_id:u @attached']);
    expect(published(processor.handle(batch(event(1, 'm1', ['user_id:u']))))).toEqual([]);
    expect(published(processor.handle(batch(event(2, 'm1', ['user_id:other']))))).toHaveLength(2);
    now += 86_400_001;
    expect(published(processor.handle(batch(event(3, 'm1', ['user_id:u']))))).toEqual(['user_id:u @seen']);
  });

  it('is what has the same deduplicationId, whatever its messageId', () => {
    const { processor } = startProcessor(0);
    const order = (offset: number, messageId: string, deduplicationId: string) =>
      published(processor.handle(batch(event(offset, messageId, ['user_id:u'], { deduplicationId }))));
    expect(order(0, 'browser', 'o-1')).toHaveLength(2);
    expect(order(1, 'server', 'o-1')).toEqual([]);
    expect(order(2, 'server', 'o-2')).toEqual(['user_id:u @seen']);
    expect(order(0, 'browser', 'o-1')).toEqual([]);
  });

  it('counts once in an audience with those of other identifiers: its occurrence has the deduplicationId', () => {
    const { processor } = startProcessor(0);
    const aggregate = { hash: 'h', call: 'track', name: 'E', keep: 2 };
    const activation = { ...event(0, '', ['user_id:u']), headers: { schema: 'activation@1' } };
    const value = Buffer.from(JSON.stringify({ workspaceId: 'w', aggregate: 'h', definition: aggregate }));
    processor.handle(batch({ ...activation, value }));
    const occurrences = (phases: Phases) =>
      phases
        .flat()
        .filter(({ key }) => key.includes('aggregate/'))
        .map((record) => (JSON.parse(String(record.value)) as { value: readonly [number, string][] }).value);
    const order = (offset: number, messageId: string, id: string) =>
      occurrences(processor.handle(batch(event(offset, messageId, [id], { deduplicationId: 'o-1' }))));
    expect(order(1, 'browser', 'anonymous_id:a')).toEqual([[[now, 'o-1']]]);
    expect(order(2, 'server', 'user_id:u')).toEqual([[[now, 'o-1']]]);
  });
});
