import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS, type Topic } from '@tributary/contracts';
import { BatchingProducer, ensureTopics, KafkaConnection, kafkaLogs, readPartition } from '@tributary/kafka';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { committing } from '../test/processor.fixture.js';
import type { KeyedState } from './keyed-state.js';
import { Processor } from './processor.js';

interface Count {
  readonly n: number;
}

const EVERY_MS = 30_000;
const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('changelog') });
const producer = new BatchingProducer(connection);
let [input, changelog]: readonly Topic[] = [];
let dataDir = '';
let now = 1_700_000_000_000;
let offset = 0;
let state: KeyedState<Count> | undefined;
const opened: Processor<Count>[] = [];
/** What is to be done when so much time has passed. */
let scheduled: { readonly at: number; readonly task: () => Promise<void> }[] = [];

beforeAll(() => producer.connect());
afterAll(() => producer.disconnect());
beforeEach(async () => {
  const named = (like: Topic): Topic => ({ ...like, name: uniqueName('changelog') });
  [input, changelog] = [named(TOPICS.events), named(TOPICS.fragmentsState)];
  await ensureTopics(connection, [input, changelog], { partitions: 1, replication: 1 });
  dataDir = await mkdtemp(join(tmpdir(), 'changelog-'));
  [offset, scheduled] = [0, []];
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.revoked(0);
  await rm(dataDir, { recursive: true, force: true });
});

const [inputName, changelogTopic] = [() => input?.name ?? '', () => changelog ?? TOPICS.fragmentsState];

/** Counts the records of each key; answers from where it reads. */
async function start(disk: string): Promise<{ processor: Processor<Count>; from: number | undefined }> {
  const processor = new Processor<Count>({
    name: 'counting',
    dataDir: join(dataDir, disk),
    logs: kafkaLogs(connection, producer),
    inputs: [inputName()],
    changelog: changelogTopic(),
    processor: (context) => {
      state = context.state;
      return {
        handle: ({ records, topic }) => {
          for (const { key, offset: of } of records) {
            if (!context.state.isFolded(key, topic, of))
              context.state.set(key, { n: (context.state.get(key)?.n ?? 0) + 1 }, topic, of);
          }
          return [];
        },
      };
    },
    checkpointEveryMs: 0,
    changelogEveryMs: EVERY_MS,
    now: () => now,
    schedule: (delayMs, task) => {
      const one = { at: now + delayMs, task };
      scheduled.push(one);
      return () => {
        scheduled = scheduled.filter((each) => each !== one);
      };
    },
    onFatal: (error) => {
      throw error;
    },
  });
  opened.push(processor);
  return { processor, from: (await processor.assigned(0, committing(inputName()).commit)).get(inputName()) };
}

/** Hands records of these keys on, a checkpoint each. */
async function fold(processor: Processor<Count>, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const record = {
      topic: inputName(),
      partition: 0,
      key,
      value: null,
      headers: {},
      timestamp: now,
      offset,
    };
    offset += 1;
    const batch = { topic: inputName(), partition: 0, endOffset: offset, logEnd: offset };
    await processor.handle({ ...batch, records: [record] });
    await processor.settled();
  }
}

async function pass(ms: number): Promise<void> {
  now += ms;
  const due = scheduled.filter(({ at }) => at <= now);
  scheduled = scheduled.filter(({ at }) => at > now);
  for (const { task } of due) await task();
}

/** The states in the changelog, and how far its markers say that it is, in their order. */
async function logged(): Promise<readonly string[]> {
  const said: string[] = [];
  await readPartition(
    connection,
    { topic: changelogTopic().name, partition: 0, from: 0 },
    ({ key, value }) => {
      const { state: of, offsets } = JSON.parse(String(value)) as {
        readonly state?: Count;
        readonly offsets: Readonly<Record<string, number>>;
      };
      if (key === '@marker') said.push(`to ${offsets[inputName()] ?? 0}`);
      else if (of) said.push(`${key} ${of.n}`);
    },
  );
  return said;
}

const counts = () => Object.fromEntries([...(state?.all() ?? [])].map(({ key, state: { n } }) => [key, n]));

describe('the changelog of a partition', () => {
  it('has a key once in its time, however often it changed, and is up to date when the partition is let go', async () => {
    const { processor } = await start('disk');
    await fold(processor, 'a', 'a', 'b', 'a');
    expect(await logged()).toEqual(['to 0']);
    now += EVERY_MS;
    await fold(processor, 'a');
    expect((await logged()).slice(1)).toEqual(['a 4', 'b 1', 'to 5']);
    await fold(processor, 'b', 'b');
    await processor.revoked(0);
    expect((await logged()).slice(4)).toEqual(['b 3', 'to 7']);
  });

  it('has what was last said of a partition in which nothing happens any more', async () => {
    const { processor } = await start('disk');
    await fold(processor, 'a', 'a');
    await pass(EVERY_MS);
    await eventually(async () => (await logged()).includes('to 2'));
    expect((await logged()).slice(1)).toEqual(['a 2', 'to 2']);
    await pass(EVERY_MS);
    await processor.settled();
    expect(scheduled).toEqual([]);
  });

  it('lets a lost disk begin where it was, and fold the rest from the input', async () => {
    const { processor } = await start('disk');
    await fold(processor, 'a', 'b');
    now += EVERY_MS;
    await fold(processor, 'a');
    await fold(processor, 'b', 'c');
    const { from, processor: next } = await start('another');
    expect(from).toBe(3);
    expect(counts()).toEqual({ a: 2, b: 1 });
    offset = 3;
    await fold(next, 'b', 'c');
    expect(counts()).toEqual({ a: 2, b: 2, c: 1 });
  });

  it('gets what only a disk has before its owner says anything else', async () => {
    const { processor } = await start('disk');
    await fold(processor, 'a', 'a', 'b');
    expect(await logged()).toEqual(['to 0']);
    // Opened by another, as after a crash: the first writes nothing any more.
    expect((await start('disk')).from).toBe(3);
    expect((await logged()).slice(1)).toEqual(['a 2', 'b 1', 'to 3']);
    expect((await start('another')).from).toBe(3);
    expect(counts()).toEqual({ a: 2, b: 1 });
  });
});
