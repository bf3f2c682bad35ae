import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RULES_ID, TOPICS } from '@tributary/contracts';
import { DEFAULT_RULES } from '@tributary/identity';
import { BatchingProducer, ensureTopics, KafkaConnection } from '@tributary/kafka';
import { makeLogger } from '@tributary/service';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configOf } from '../../test/config.fixture.js';
import { KafkaNormalisers } from './kafka.normalisers.js';

/** Nobody listens there. */
const AWAY = '127.0.0.1:1';
const broker = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('spec') });

let workspaceId: string;
let dataDir: string;
let producer: BatchingProducer;
const running: KafkaNormalisers[] = [];

beforeEach(async () => {
  workspaceId = uniqueName('workspace');
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-rules-'));
  await ensureTopics(broker, [TOPICS.identityRules], { partitions: 8, replication: 1 });
  producer = new BatchingProducer(broker);
  await producer.connect();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.onModuleDestroy()));
  await producer.disconnect();
  await rm(dataDir, { recursive: true });
});

const { user_id: userRule, '*': otherRule } = DEFAULT_RULES.namespaces;
const lowerCaseUsers = { user_id: { ...userRule, normalise: ['lowercase'] }, '*': otherRule };

const put = (namespaces: object | null, workspace = workspaceId) =>
  producer.send([
    {
      topic: TOPICS.identityRules.name,
      key: `${workspace}/${RULES_ID}`,
      value:
        namespaces &&
        JSON.stringify({ workspaceId: workspace, namespaces, updatedAt: '2026-01-02T03:04:05.678Z' }),
      headers: { schema: 'identity-rules@1' },
    },
  ]);

async function started(brokers: readonly string[] = kafkaBrokers()) {
  const config = configOf({
    KAFKA_BROKERS: brokers.join(','),
    TRIBUTARY_WORKSPACE: workspaceId,
    TRIBUTARY_DATA: dataDir,
  });
  const connection = new KafkaConnection({ brokers, clientId: 'spec', retries: 1 });
  const normalisers = new KafkaNormalisers(config, makeLogger('collector', 'silent'), connection);
  running.push(normalisers);
  await normalisers.onModuleInit();
  return (namespace: string, value: string, workspace = workspaceId) =>
    normalisers.of(workspace)(namespace)(value);
}

const copy = () => join(dataDir, 'collector/identity-rules.json');

describe('KafkaNormalisers', () => {
  it('writes by the rules of each workspace', async () => {
    const write = await started();
    const other = uniqueName('other');
    await put(lowerCaseUsers, other);
    await eventually(() => write('user_id', 'Ann', other) === 'ann');
    expect(write('user_id', 'Ann')).toBe('Ann');
    await put(lowerCaseUsers);
    await put(null, other);
    await eventually(() => write('user_id', 'Ann') === 'ann' && write('user_id', 'Ann', other) === 'Ann');
  });

  it('writes by the built-in rules until a record says otherwise, and again when it is gone', async () => {
    const write = await started();
    expect([write('user_id', 'Ann'), write('email', ' A@B.c ')]).toEqual(['Ann', 'a@b.c']);
    await put(lowerCaseUsers, uniqueName('other'));
    await put(lowerCaseUsers);
    await eventually(() => write('user_id', 'Ann') === 'ann');
    expect(write('email', ' A@B.c ')).toBe(' A@B.c ');
    await put(null);
    await eventually(() => write('user_id', 'Ann') === 'Ann');
    expect(write('email', ' A@B.c ')).toBe('a@b.c');
  });

  it('keeps the rules in force where those that come cannot be', async () => {
    await put(lowerCaseUsers);
    const write = await started();
    await put({ user_id: { ...userRule, normalise: ['uppercase'] }, '*': otherRule });
    await put({ user_id: { ...userRule, normalise: [] } });
    await put({ ...lowerCaseUsers, crm: { ...otherRule, normalise: ['trim'] } });
    await eventually(() => write('crm', ' A') === 'A');
    expect(write('user_id', 'Ann')).toBe('ann');
  });

  it('begins with those known last where Kafka is away, and with the built-in ones where none are', async () => {
    await put(lowerCaseUsers);
    await started();
    await eventually(async () => (await readFile(copy(), 'utf8').catch(() => '')).includes('lowercase'));
    const away = await started([AWAY]);
    expect(away('user_id', 'Ann')).toBe('ann');
    await writeFile(copy(), '{');
    const unknowing = await started([AWAY]);
    expect(unknowing('user_id', 'Ann')).toBe('Ann');
  });
});
