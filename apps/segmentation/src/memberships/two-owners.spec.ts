import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aggregatesOf, parseQuery } from '@tributary/audiences';
import { fragmentKey, membershipKey, TOPICS, type AudienceChangeMessage } from '@tributary/contracts';
import type { LogRecord, OutgoingRecord, PartitionBatch } from '@tributary/kafka';
import { KeyedState, PartitionStore, type PartitionContext, type Phases } from '@tributary/state';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Audience } from '../audiences/audiences-in-force.js';
import { ChangesProcessor, type EpochState } from '../changes/changes.processor.js';
import { toEpochRecord } from './records.js';
import { MembershipsProcessor, type MembershipsState } from './memberships.processor.js';

const MEMBERSHIPS = TOPICS.memberships.name;
const FRAGMENTS = TOPICS.fragments.name;
const parsed = parseQuery("event('Order Completed').within(10 seconds).count() >= 1");
if (!parsed.ok) throw new Error(parsed.error.message);
const definition = parsed.value;
const aggregate = aggregatesOf(definition)[0]?.hash ?? '';
const buyers: Audience = {
  workspaceId: 'w',
  key: 'buyers',
  definition,
  definitionHash: 'buyers',
  definedAt: 0,
  facts: new Set([`aggregate/${aggregate}`]),
};

let dir: string;
let stores: PartitionStore[];
/** The memberships partition, as every owner writes it and every reader reads it. */
let log: LogRecord[];
let now: number;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owners-'));
  stores = [];
  log = [];
  now = 1_000_000;
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await rm(dir, { recursive: true });
});

function append(records: readonly OutgoingRecord[]): void {
  for (const { topic, key, value, headers = {} } of records) {
    const bytes = value === null ? null : Buffer.from(value);
    log.push({ topic, partition: 0, offset: log.length, key, value: bytes, headers, timestamp: now });
  }
}

async function contextOf<S extends object>(name: string): Promise<PartitionContext<S>> {
  const store = await PartitionStore.open(join(dir, name));
  stores.push(store);
  return {
    partition: 0,
    state: new KeyedState<S>(store, 100),
    store,
    tablesBehind: undefined,
    startOf: () => 0,
    wakeAt: () => undefined,
  };
}

/** An owner with a disk of its own that has claimed the partition, and read what was there. */
async function newOwner(name: string, fragmentsEnd = 0): Promise<MembershipsProcessor> {
  const processor = new MembershipsProcessor(await contextOf<MembershipsState>(name), {
    now: () => now,
    audiences: new Map([['w/buyers', buyers]]),
    beginEpoch: (partition) => {
      append([toEpochRecord(partition, name, now)]);
      return Promise.resolve(log.length - 1);
    },
    readMemberships: (_partition, from, to, onRecord) => {
      log.slice(from, to).forEach(onRecord);
      return Promise.resolve();
    },
    fragmentsEnd: () => Promise.resolve(fragmentsEnd),
  });
  append((await processor.restored()).flat());
  return processor;
}

let offset = 0;
function ordered(messageId: string): PartitionBatch {
  const facts = { '@attached': { attached: true }, [`aggregate/${aggregate}`]: [[now, messageId]] };
  const records = Object.entries(facts).map(([fact, value]): LogRecord => {
    offset += 1;
    const key = fragmentKey('w', 'p', 'user_id:u', fact);
    const head = { workspaceId: 'w', profileId: 'p', identifier: 'user_id:u', fact };
    const bytes = Buffer.from(JSON.stringify({ ...head, version: [0, offset], value }));
    return { topic: FRAGMENTS, partition: 0, offset, key, value: bytes, headers: {}, timestamp: now };
  });
  return { topic: FRAGMENTS, partition: 0, records, endOffset: offset + 1, logEnd: offset + 1 };
}

/** What a follower with no state of its own makes of the whole log. */
async function changes(name: string) {
  const processor = new ChangesProcessor(await contextOf<EpochState>(name));
  const batch = { topic: MEMBERSHIPS, partition: 0, records: log, endOffset: log.length, logEnd: log.length };
  return processor
    .handle(batch)
    .flat()
    .map(({ value }) => {
      const { id, change, at } = JSON.parse(String(value)) as AudienceChangeMessage;
      return { id, change, at: Date.parse(at) };
    });
}

const write = (phases: Phases) => {
  append(phases.flat());
};

describe('a former owner of a memberships partition that goes on behind the epoch record of the next', () => {
  it('is heard by no reader: neither the changes, nor the published memberships of a third owner', async () => {
    const former = await newOwner('former');
    const next = await newOwner('next');
    const first = now;
    const order = ordered('m1');
    write(next.handle(order));
    write(former.handle(order));
    now = first + 20_000;
    write(former.wake());
    const published = [{ id: '0-2', change: 'entered', at: first }];
    expect(log.map(({ key }) => key)).toEqual([
      '@epoch/0',
      '@epoch/0',
      ...new Array<string>(3).fill(membershipKey('w', 'buyers', 'p')),
    ]);
    expect(await changes('reader')).toEqual(published);

    const later = ordered('m2');
    const third = await newOwner('third', later.endOffset);
    write(third.handle(later));
    expect(await changes('later reader')).toEqual(published);
  });

  it('is followed by what the owner had published, which is no change and keeps its place after compaction', async () => {
    const former = await newOwner('former');
    const next = await newOwner('next');
    const order = ordered('m1');
    write(former.handle(order));
    const key = membershipKey('w', 'buyers', 'p');
    append([next.republish(MEMBERSHIPS, key)!]);
    expect(log.at(-1)?.value).toBeNull();

    write(next.handle(order));
    write(former.handle(ordered('m2')));
    now += 20_000;
    write(former.wake());
    const before = await changes('reader');
    append([next.republish(MEMBERSHIPS, key)!]);
    expect(await changes('later reader')).toEqual(before);
    expect(JSON.parse(log.at(-1)?.value?.toString() ?? '')).toMatchObject({
      member: true,
      epoch: 1,
      cause: 'event',
      causedBy: 'm1',
    });
    expect(next.republish(MEMBERSHIPS, '@epoch/0')).toBeUndefined();
  });
});

describe('a request that is sent again although its first attempt had been written', () => {
  it('makes each change once', async () => {
    const owner = await newOwner('owner');
    const first = now;
    const entered = owner.handle(ordered('m1'));
    write(entered);
    write(entered);
    now = first + 20_000;
    write(owner.wake());
    expect(await changes('reader')).toEqual([
      { id: '0-1', change: 'entered', at: first },
      { id: '0-3', change: 'exited', at: first + 10_000 },
    ]);
  });
});
