import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fragmentKey, TOPICS, type FragmentMessage } from '@tributary/contracts';
import type { LogRecord, PartitionBatch } from '@tributary/kafka';
import { KeyedState, PartitionStore, type PartitionContext, type Phases } from '@tributary/state';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProfilesTask, type ProfileState } from './profiles.task.js';

const FRAGMENTS = TOPICS.fragments.name;
let dir: string;
let store: PartitionStore;
let task: ProfilesTask;
let end: number;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'profiles-'));
  store = await PartitionStore.open(dir);
  end = 0;
  const context: PartitionContext<ProfileState> = {
    partition: 3,
    state: new KeyedState<ProfileState>(store, 100),
    store,
    tablesBehind: undefined,
    startOf: () => 0,
    wakeAt: () => undefined,
  };
  task = new ProfilesTask(context);
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

function fragment(fact: string, version: readonly [number, number], value: unknown): LogRecord {
  const told = { workspaceId: 'w', profileId: 'p', identifier: 'user_id:u', fact, version, value };
  const key = fragmentKey('w', 'p', 'user_id:u', fact);
  const headers = { schema: 'fragment@1' };
  end += 1;
  return {
    topic: FRAGMENTS,
    partition: 3,
    offset: end - 1,
    key,
    value: Buffer.from(JSON.stringify(told)),
    headers,
    timestamp: end,
  };
}

const batch = (...records: LogRecord[]): PartitionBatch => ({
  topic: FRAGMENTS,
  partition: 3,
  records,
  endOffset: end,
  logEnd: end,
});

const again = (phases: Phases) =>
  phases
    .flat()
    .filter(({ topic }) => topic === FRAGMENTS)
    .map(({ partition, value }) => {
      const { fact, version } = JSON.parse(String(value)) as FragmentMessage;
      return { partition, fact, version };
    });

const home = (version: readonly [number, number]) => fragment('@home', version, { here: true });
const seen = (version: readonly [number, number]) =>
  fragment('@seen', version, { count: version[1], first: 1, last: version[1] });

describe('a fact of a lower version behind a higher one', () => {
  it('is buried again by what is held, in its own partition', () => {
    task.handle(batch(home([0, 1]), seen([0, 9])));
    expect(again(task.handle(batch(seen([0, 4]))))).toEqual([
      { partition: 3, fact: '@seen', version: [0, 9] },
    ]);
  });

  it('is left alone when the higher one follows, as in a replay, and when the version is the same', () => {
    task.handle(batch(home([0, 1]), seen([0, 9])));
    expect(again(task.handle(batch(seen([0, 4]), seen([0, 9]))))).toEqual([]);
  });
});

describe('a profile that another wrote over', () => {
  it('is told again as it was told', () => {
    const [told] = task.handle(batch(home([0, 1]), seen([0, 9]))).flat();
    expect(task.restate(TOPICS.profiles.name, 'w/p')).toEqual(told);
    expect(task.restate(TOPICS.profiles.name, 'w/unknown')).toBeUndefined();
  });
});
