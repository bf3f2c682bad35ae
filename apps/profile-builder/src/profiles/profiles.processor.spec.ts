import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  fragmentKey,
  TOPICS,
  type FragmentMessage,
  type MergedProfileMessage,
  type ProfileMessage,
} from '@tributary/contracts';
import type { LogRecord, PartitionBatch } from '@tributary/kafka';
import { KeyedState, PartitionStore, type PartitionContext, type Phases } from '@tributary/state';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProfilesProcessor, type ProfileState } from './profiles.processor.js';

const FRAGMENTS = TOPICS.fragments.name;
let dir: string;
let store: PartitionStore;
let processor: ProfilesProcessor;
let killed: () => ProfilesProcessor;
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
  processor = new ProfilesProcessor(context);
  /** As after a crash before the first checkpoint. */
  killed = () => new ProfilesProcessor({ ...context, state: new KeyedState<ProfileState>(store, 100) });
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

function fragment(fact: string, version: readonly [number, number], value: unknown): LogRecord {
  const published = { workspaceId: 'w', profileId: 'p', identifier: 'user_id:u', fact, version, value };
  const key = fragmentKey('w', 'p', 'user_id:u', fact);
  const headers = { schema: 'fragment@1' };
  end += 1;
  return {
    topic: FRAGMENTS,
    partition: 3,
    offset: end - 1,
    key,
    value: Buffer.from(JSON.stringify(published)),
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

const home = (version: readonly [number, number]) => fragment('@attached', version, { attached: true });
const seen = (version: readonly [number, number]) =>
  fragment('@seen', version, { count: version[1], first: 1, last: version[1] });

describe('a fact of a lower version behind a higher one', () => {
  it('is buried again by what is held, in its own partition', () => {
    processor.handle(batch(home([0, 1]), seen([0, 9])));
    expect(again(processor.handle(batch(seen([0, 4]))))).toEqual([
      { partition: 3, fact: '@seen', version: [0, 9] },
    ]);
  });

  it('is left alone when the higher one follows, as in a replay, and when the version is the same', () => {
    processor.handle(batch(home([0, 1]), seen([0, 9])));
    expect(again(processor.handle(batch(seen([0, 4]), seen([0, 9]))))).toEqual([]);
  });
});

const published = (phases: Phases) =>
  phases
    .flat()
    .filter(({ topic }) => topic === TOPICS.profiles.name)
    .map(({ value }) => JSON.parse(String(value)) as ProfileMessage | MergedProfileMessage);

describe('a profile that said something else for a moment', () => {
  it('says again what it says, under a higher version, where the moment is read in one go after a crash', () => {
    const left = (version: readonly [number, number], movedTo: string) =>
      fragment('@attached', version, { attached: false, movedTo });
    const [there, away, back] = [left([1, -1], 'there'), left([2, -1], 'away'), left([3, -1], 'there')];
    const [, moment] = [processor.handle(batch(there)), published(processor.handle(batch(away)))];
    expect(moment).toMatchObject([{ mergedInto: 'away', version: 1 }]);
    const next = killed();
    expect(published(next.handle(batch(there)))).toMatchObject([{ mergedInto: 'there', version: 0 }]);
    expect(published(next.handle(batch(away, back)))).toMatchObject([{ mergedInto: 'there', version: 2 }]);
  });

  it('publishes nothing for facts that it does not show', () => {
    processor.handle(batch(home([0, 1]), seen([0, 9])));
    expect(published(processor.handle(batch(fragment('aggregate/1a', [0, 10], [[1, 'm']]))))).toEqual([]);
  });
});

describe('a profile that another wrote over', () => {
  it('is published again as it was', () => {
    const [first] = processor.handle(batch(home([0, 1]), seen([0, 9]))).flat();
    expect(processor.republish(TOPICS.profiles.name, 'w/p')).toEqual(first);
    expect(processor.republish(TOPICS.profiles.name, 'w/unknown')).toBeUndefined();
  });
});
