import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  fragmentKey,
  validateEvent,
  validateFragment,
  TOPICS,
  type DeadLetterMessage,
} from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  KafkaConnection,
  kafkaLogs,
  readPartition,
  type LogRecord,
  type PartitionBatch,
} from '@tributary/kafka';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordValidator } from './dead-letter.js';
import { ProcessorGroup } from './processor-group.js';
import { Processor } from './processor.js';
import type { ProcessorOptions } from './processor-options.js';

interface Folded {
  readonly messageIds: readonly string[];
}

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('aside') });
const producer = new BatchingProducer(connection);
let dataDir: string;
let fatal: unknown[];
let folded: string[];
let news: unknown[];
const running = new Set<ProcessorGroup<Folded>>();

beforeAll(async () => {
  await ensureTopics(connection, [TOPICS.deadLetters], { partitions: 8, replication: 1 });
  await producer.connect();
});
afterAll(() => producer.disconnect());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'aside-'));
  [fatal, folded, news] = [[], [], []];
});
afterEach(async () => {
  for (const group of running) await stop(group);
  await rm(dataDir, { recursive: true, force: true });
});

async function stop(group: ProcessorGroup<Folded>): Promise<void> {
  running.delete(group);
  await group.strategy.close();
  await group.producer.disconnect();
}

/** A processor that notes the keys that it folds, and throws at the key `bug`. */
function optionsOf(
  name: string,
  input: string,
  validate: RecordValidator,
): Omit<ProcessorOptions<Folded>, 'logs'> {
  return {
    name,
    dataDir,
    inputs: [input],
    validators: { [input]: validate },
    checkpointEveryMs: 0,
    changelogEveryMs: 0,
    onFatal: (error) => fatal.push(error),
    onDeadLetter: (one) => news.push(one),
    processor: () => ({
      handle: ({ records }) => {
        for (const { key, offset } of records) {
          if (key === 'bug') throw new Error('our own');
          folded.push(`${offset} ${key}`);
        }
        return [];
      },
    }),
  };
}

/** A member of a consumer group with such a processor. */
async function start(
  name: string,
  input: string,
  validate: RecordValidator,
  more: Partial<ProcessorOptions<Folded>> = {},
): Promise<ProcessorGroup<Folded>> {
  const group = new ProcessorGroup<Folded>({
    ...optionsOf(name, input, validate),
    ...more,
    connection,
    groupId: name,
    transportId: Symbol(name),
    layout: { partitions: 8, replication: 1 },
  });
  running.add(group);
  await group.producer.connect();
  group.strategy.addHandler(input, (batch: PartitionBatch) => group.processor.handle(batch), true);
  await new Promise<void>((resolve, reject) => {
    group.strategy.listen((error) => {
      if (error) reject(new Error('did not listen', { cause: error }));
      else resolve();
    });
  });
  return group;
}

async function newInput(): Promise<string> {
  const name = uniqueName('aside');
  await ensureTopics(connection, [{ ...TOPICS.events, name }], { partitions: 1, replication: 1 });
  return name;
}

async function deadLetter(processor: string) {
  const found: { key: string; message: DeadLetterMessage }[] = [];
  for (let partition = 0; partition < 8; partition += 1) {
    await readPartition(
      connection,
      { topic: TOPICS.deadLetters.name, partition, from: 0 },
      ({ key, value }) => {
        const message = JSON.parse(value?.toString('utf8') ?? '') as DeadLetterMessage;
        if (message.processor === processor) found.push({ key, message });
      },
    );
  }
  return found.sort((a, b) => (a.message.offset ?? -1) - (b.message.offset ?? -1));
}

const instant = '2026-01-02T03:04:05.678Z';
function event(topic: string, id: string) {
  const identifiers = [`user_id:${id}`];
  const body = { workspaceId: 'w', sourceId: 's', type: 'track', event: 'E', messageId: id, identifiers };
  const headers = { messageId: id, receivedAt: instant, identifiers: JSON.stringify(identifiers) };
  return {
    topic,
    partition: 0,
    key: `w/user_id:${id}`,
    value: JSON.stringify({ ...body, context: {}, timestamp: instant, receivedAt: instant }),
    headers: { schema: 'event@1', ...headers },
  };
}

describe('a record that a processor cannot read', () => {
  it('of events is dead-lettered with its place and bytes, counted, and the partition goes on', async () => {
    const input = await newInput();
    const processor = uniqueName('aside');
    const cut = { ...event(input, 'cut'), value: '{"workspaceId":' };
    const foreign = { topic: input, partition: 0, key: 'x', value: 'hello' };
    await producer.send([event(input, 'a'), cut, foreign, event(input, 'b')]);
    const group = await start(processor, input, validateEvent);
    await eventually(() => folded.length === 2);
    expect(folded).toEqual(['0 w/user_id:a', '3 w/user_id:b']);
    const kept = await deadLetter(processor);
    expect(kept.map(({ key }) => key)).toEqual([`${processor}/${input}/0/1`, `${processor}/${input}/0/2`]);
    expect(kept[0]?.message).toMatchObject({ topic: input, partition: 0, offset: 1, headers: cut.headers });
    expect(Buffer.from(kept[0]?.message.value ?? '', 'base64').toString()).toBe(cut.value);
    expect(Buffer.from(kept[0]?.message.key ?? '', 'base64').toString()).toBe(cut.key);
    expect(news).toMatchObject([{ offset: 1, error: expect.stringContaining('not JSON') }, { offset: 2 }]);

    await stop(group);
    await rm(dataDir, { recursive: true });
    await start(processor, input, validateEvent);
    await eventually(() => folded.length === 4);
    const again = await deadLetter(processor);
    expect(again.slice(0, 2).map(({ message }) => message)).toEqual([kept[0]?.message, kept[0]?.message]);
    expect(fatal).toEqual([]);
  });

  it('that the broker refuses is dead-lettered, and the partition goes on', async () => {
    const input = await newInput();
    const processor = uniqueName('aside');
    const output = uniqueName('aside');
    const configEntries = [{ name: 'max.message.bytes', value: '10000' }];
    const made = { topic: output, numPartitions: 1, replicationFactor: 1, configEntries };
    await connection.withAdmin((admin) => admin.createTopics({ waitForLeaders: true, topics: [made] }));
    const said = (value: string) => ({ topic: output, partition: 0, key: 'k', value });
    await start(processor, input, () => undefined, {
      processor: () => ({
        handle: ({ records }) => [
          records.flatMap(({ key }) => [said(key), said(key.repeat(20_000)), said('end')]),
        ],
      }),
    });
    await producer.send([{ topic: input, partition: 0, key: 'a', value: '' }]);
    await producer.send([{ topic: input, partition: 0, key: 'b', value: '' }]);
    const written = async () => {
      const values: string[] = [];
      await readPartition(connection, { topic: output, partition: 0, from: 0 }, ({ value }) => {
        values.push(String(value));
      });
      return values;
    };
    await eventually(async () => (await written()).at(-2) === 'b');
    const [{ key, message } = {}] = await deadLetter(processor);
    expect(key).toMatch(new RegExp(`^${processor}/${output}/0/refused/[0-9a-f]{64}$`));
    expect(message).toMatchObject({
      ...{ processor, topic: output, partition: 0, key: btoa('k'), value: btoa('a'.repeat(20_000)) },
      error: 'the broker refuses a record of 20000 bytes as too large',
    });
    expect(message).not.toHaveProperty('offset');
    expect(news).toMatchObject([
      { processor, topic: output, error: 'refused by the broker: 20000 bytes' },
      { topic: output },
    ]);
    expect(fatal).toEqual([]);
  });

  it('of fragments is dead-lettered, a removal is not', async () => {
    const input = await newInput();
    const processor = uniqueName('aside');
    const key = fragmentKey('w', 'p', 'user_id:u', '@');
    const head = {
      workspaceId: 'w',
      profileId: 'p',
      identifier: 'user_id:u',
    };
    const attached = (value: unknown) => ({ facts: { '@attached': { version: [0, -1], value } } });
    const home = {
      topic: input,
      partition: 0,
      key,
      value: JSON.stringify({ ...head, ...attached({ attached: true }) }),
    };
    await producer.send([
      home,
      { ...home, value: JSON.stringify({ ...head, ...attached('attached') }) },
      { ...home, key: 'w/p' },
      { ...home, value: null },
    ]);
    await start(processor, input, validateFragment);
    await eventually(() => folded.length === 2);
    expect(folded).toEqual([`0 ${key}`, `3 ${key}`]);
    expect((await deadLetter(processor)).map(({ message }) => message.offset)).toEqual([1, 2]);
    expect(fatal).toEqual([]);
  });
});

describe('an error of the processor itself', () => {
  it('sets nothing aside, and rejects', async () => {
    const input = await newInput();
    const name = uniqueName('aside');
    await producer.send([{ topic: input, partition: 0, key: 'bug', value: '{}' }]);
    const records: LogRecord[] = [];
    await readPartition(connection, { topic: input, partition: 0, from: 0 }, (record) => {
      records.push(record);
    });
    const processor = new Processor<Folded>({
      ...optionsOf(name, input, () => undefined),
      logs: kafkaLogs(connection, producer),
    });
    await processor.assigned(0, () => Promise.resolve());
    const batch = { topic: input, partition: 0, records, endOffset: 1, logEnd: 1 };
    await expect(processor.handle(batch)).rejects.toThrow('our own');
    expect(await deadLetter(name)).toEqual([]);
    await processor.revoked(0);
  });
});
