import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS, type Topic } from '@tributary/contracts';
import { BatchingProducer, ensureTopics, KafkaConnection, kafkaLogs } from '@tributary/kafka';
import { kafkaBrokers, uniqueName } from '@tributary/testing';
import { open } from 'lmdb';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Processor } from './processor.js';
import type { PartitionContext, ProcessorOptions } from './processor-options.js';
import type { StateFormat } from './state-format.js';

type State = object;
const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('format') });
const producer = new BatchingProducer(connection);
const INPUT = 'counting';
const AT = 1_767_323_045_678;
/** A store of the first format as text: LMDB's own file is its package's business, and differs by machine. */
const frozen = JSON.parse(readFileSync(new URL('../fixtures/store@1.json', import.meta.url), 'utf8')) as {
  readonly checkpoint: string;
  readonly state: Readonly<Record<string, string>>;
};
const second: StateFormat = {
  version: 2,
  migrations: { 1: (state, key) => ({ count: (state as { n: number }).n, of: key }) },
};
const opened: Processor<State>[] = [];
let dataDir: string;
let changelog: Topic;
let context: PartitionContext<State> | undefined;

beforeAll(() => producer.connect());
afterAll(() => producer.disconnect());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'format-'));
  changelog = { ...TOPICS.fragmentsState, name: uniqueName('format') };
  await ensureTopics(connection, [changelog], { partitions: 1, replication: 1 });
  context = undefined;
});
afterEach(async () => {
  for (const processor of opened.splice(0)) await processor.revoked(0);
  await rm(dataDir, { recursive: true, force: true });
});

async function thaw(): Promise<void> {
  const dir = join(dataDir, 'state', 'counting', '0');
  const env = open<string, string>({ path: dir, encoding: 'string', maxDbs: 16 });
  const states = env.openDB<string, string>({ name: 'state', encoding: 'string' });
  for (const [key, entry] of Object.entries(frozen.state)) await states.put(key, entry);
  await env.put('checkpoint', frozen.checkpoint);
  await env.close();
}

async function start(options: Partial<ProcessorOptions<State>>): Promise<number | undefined> {
  const processor = new Processor<State>({
    name: 'counting',
    dataDir,
    logs: kafkaLogs(connection, producer),
    inputs: [INPUT],
    now: () => AT,
    checkpointEveryMs: 0,
    changelogEveryMs: 0,
    onFatal: (error) => {
      throw error;
    },
    processor: (given) => {
      context = given;
      return { handle: () => [] };
    },
    ...options,
  });
  const starts = await processor.assigned(0, () => Promise.resolve());
  opened.push(processor);
  return starts.get(INPUT);
}

const states = () =>
  Object.fromEntries([...(context?.state.all() ?? [])].map(({ key, state }) => [key, state]));

/** Writes a checkpoint, as a fold does. */
async function touch(key: string, state: State): Promise<void> {
  context?.state.set(key, state, INPUT, 3);
  const batch = { topic: INPUT, partition: 0, records: [], endOffset: 4, logEnd: 4 };
  await opened.at(-1)?.handle(batch);
}

describe('a disk of an older format', () => {
  it('is read as it is by the version that knows no other', async () => {
    await thaw();
    expect(await start({})).toBe(3);
    expect(states()).toEqual({ a: { n: 2 }, b: { n: 1 } });
  });

  it('is migrated once, and goes on from its offsets', async () => {
    await thaw();
    expect(await start({ format: second })).toBe(3);
    const migrated = { a: { count: 2, of: 'a' }, b: { count: 1, of: 'b' } };
    expect(states()).toEqual(migrated);
    await opened.pop()?.revoked(0);
    expect(await start({ format: second })).toBe(3);
    expect(states()).toEqual(migrated);
  });

  it('is thrown away where no migration leads to the present one', async () => {
    await thaw();
    expect(await start({ format: { version: 3, migrations: second.migrations } })).toBe(0);
    expect(states()).toEqual({});
  });
});

describe('what a newer version wrote', () => {
  it('is refused on disk, and in the changelog, with what to do', async () => {
    await start({ format: second, changelog });
    await touch('a', { count: 1, of: 'a' });
    await opened.pop()?.revoked(0);
    await expect(start({})).rejects.toThrow('has states of format 2 and this version reads up to 1: run the');
    await rm(dataDir, { recursive: true });
    await expect(start({ changelog })).rejects.toThrow(`${changelog.name} partition 0 offset 1 has states`);
  });
});

describe('a changelog of an older format', () => {
  it('is migrated as it is read, and refused where no migration leads to the present one', async () => {
    await start({ changelog });
    await touch('a', { n: 7 });
    await opened.pop()?.revoked(0);
    await rm(dataDir, { recursive: true });
    expect(await start({ changelog, format: second })).toBe(4);
    expect(states()).toEqual({ a: { count: 7, of: 'a' } });
    await opened.pop()?.revoked(0);
    await rm(dataDir, { recursive: true });
    await expect(start({ changelog, format: { version: 2, migrations: {} } })).rejects.toThrow(
      'no migration leads from it to 2',
    );
  });
});
