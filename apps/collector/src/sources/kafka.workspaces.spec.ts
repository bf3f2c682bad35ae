import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { BatchingProducer, ensureTopics, KafkaConnection } from '@tributary/kafka';
import { makeLogger } from '@tributary/service';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configOf } from '../../test/config.fixture.js';
import { KafkaWorkspaces } from './kafka.workspaces.js';

const at = '2026-01-02T03:04:05.678Z';
const broker = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('spec') });

let own: string;
let dataDir: string;
let producer: BatchingProducer;
let workspaces: KafkaWorkspaces;

beforeEach(async () => {
  own = uniqueName('installation');
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-workspaces-'));
  await ensureTopics(broker, [TOPICS.workspaces], { partitions: 8, replication: 1 });
  producer = new BatchingProducer(broker);
  await producer.connect();
  const config = configOf({
    KAFKA_BROKERS: kafkaBrokers().join(','),
    TRIBUTARY_WORKSPACE: own,
    TRIBUTARY_DATA: dataDir,
    QUOTA_EVENTS_PER_SECOND: '500',
  });
  workspaces = new KafkaWorkspaces(config, makeLogger('collector', 'silent'), broker);
});

afterEach(async () => {
  await workspaces.onModuleDestroy();
  await producer.disconnect();
  await rm(dataDir, { recursive: true });
});

const put = (id: string, more: object | null, of = own) => {
  const value = { workspaceId: of, id, name: id, enabled: true, quotas: {}, createdAt: at, updatedAt: at };
  return producer.send([
    {
      topic: TOPICS.workspaces.name,
      key: `${of}/${id}`,
      value: more && JSON.stringify({ ...value, ...more }),
      headers: { schema: 'workspace@1' },
    },
  ]);
};

describe('KafkaWorkspaces', () => {
  it('have the quotas of the topic, and those of the settings where it says nothing', async () => {
    await put('acme', { quotas: { eventsPerSecond: 20 } });
    await put('usual', {});
    await put('acme', { quotas: { eventsPerSecond: 1 }, enabled: false }, uniqueName('another'));
    await workspaces.onModuleInit();
    expect(workspaces.rateOf('acme')).toEqual({ eventsPerSecond: 20, burst: 20 });
    for (const id of ['usual', own, 'unknown'])
      expect(workspaces.rateOf(id)).toEqual({ eventsPerSecond: 500, burst: 500 });
    for (const id of ['acme', 'usual', own, 'unknown']) expect(workspaces.isEnabled(id)).toBe(true);
  });

  it('follow what is disabled, enabled and removed', async () => {
    await workspaces.onModuleInit();
    await put('acme', { enabled: false });
    await eventually(() => !workspaces.isEnabled('acme'));
    await put('acme', { enabled: true });
    await eventually(() => workspaces.isEnabled('acme'));
    await put('acme', { enabled: false });
    await eventually(() => !workspaces.isEnabled('acme'));
    await put('acme', null);
    await eventually(() => workspaces.isEnabled('acme'));
  });
});
