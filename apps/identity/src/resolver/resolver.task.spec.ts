import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS, type AssignmentMessage } from '@tributary/contracts';
import type { Message, ResolverState } from '@tributary/identity';
import type { LogRecord, PartitionBatch } from '@tributary/kafka';
import { compareByDigest, type Identifier } from '@tributary/kernel';
import { KeyedState, PartitionStore, type Phases } from '@tributary/state';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ResolverTask } from './resolver.task.js';

const LINKS = TOPICS.links.name;
const ME = 'user_id:u' as Identifier;
let dir: string;
let store: PartitionStore;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'resolver-'));
  store = await PartitionStore.open(dir);
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

/** A task as it is after a start from the last checkpoint, which in these stories is the beginning. */
function startTask(): ResolverTask {
  return new ResolverTask(
    {
      partition: 0,
      state: new KeyedState<ResolverState>(store, 100),
      store,
      tablesBehind: undefined,
      startOf: () => 0,
      wakeAt: () => undefined,
    },
    () => 0,
  );
}

const record = (offset: number, message: Message): LogRecord => ({
  topic: LINKS,
  partition: 0,
  offset,
  key: `w/${message.to}`,
  value: Buffer.from(JSON.stringify({ workspaceId: 'w', ...message })),
  headers: { schema: 'link@1' },
  timestamp: 1_700_000_000_000,
});

const batch = (...records: readonly LogRecord[]): PartitionBatch => {
  const endOffset = (records.at(-1)?.offset ?? 0) + 1;
  return { topic: LINKS, partition: 0, records, endOffset, logEnd: endOffset };
};

const assignmentsIn = (phases: Phases) =>
  phases
    .flat()
    .filter(({ topic }) => topic === TOPICS.assignments.name)
    .map(({ value }) => JSON.parse(value?.toString() ?? '') as AssignmentMessage);

const [smaller = ME, greater = ME] = (['anonymous_id:a', 'anonymous_id:b'] as Identifier[]).sort(
  compareByDigest,
);
const answer = (offset: number, first: Identifier, root: Identifier) =>
  record(offset, { kind: 'answer', to: ME, root, at: offset, first, reason: 'linked', answered: [] });

describe('a task that is killed after it told of a profile, and reads more at once when it comes back', () => {
  it('still knows every profile that it told', () => {
    const [one, other] = [answer(0, greater, greater), answer(1, smaller, smaller)];
    const [told] = assignmentsIn(startTask().handle(batch(one)));
    const [last] = assignmentsIn(startTask().handle(batch(one, other)));
    expect(last?.formerly).toContain(told?.profileId);
    expect(last?.version).toBe(1);
  });

  it('takes back what it told of a profile for a moment', () => {
    const story = [answer(0, ME, greater), answer(1, greater, greater), answer(2, ME, smaller)];
    const killed = startTask();
    const [, told] = story.flatMap((message) => assignmentsIn(killed.handle(batch(message))));
    const [last] = assignmentsIn(startTask().handle(batch(...story)));
    expect(last?.profileId).not.toBe(told?.profileId);
    expect(last?.formerly).toContain(told?.profileId);
    expect(last?.version).toBe(2);
  });
});
