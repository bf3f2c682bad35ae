import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS, type SourceMessage } from '@tributary/contracts';
import { BatchingProducer, ensureTopics, KafkaConnection } from '@tributary/kafka';
import { HealthRegistry, makeLogger } from '@tributary/service';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configOf } from '../../test/config.fixture.js';
import { InFlight } from '../log/in-flight.js';
import { KafkaSourceRegistry } from './kafka.source-registry.js';

const at = '2026-01-02T03:04:05.678Z';
/** Nobody listens there. */
const AWAY = '127.0.0.1:1';
const broker = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('spec') });

let workspaceId: string;
let dataDir: string;
let producer: BatchingProducer;
const running: KafkaSourceRegistry[] = [];

beforeEach(async () => {
  workspaceId = uniqueName('workspace');
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-sources-'));
  await ensureTopics(broker, [TOPICS.sources], { partitions: 8, replication: 1 });
  producer = new BatchingProducer(broker);
  await producer.connect();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((registry) => registry.onModuleDestroy()));
  await producer.disconnect();
  await rm(dataDir, { recursive: true });
});

const message = (id: string, more: Partial<SourceMessage> = {}): SourceMessage => ({
  workspaceId,
  id,
  name: id,
  enabled: true,
  writeKeys: [{ key: `${workspaceId}-${id}`, createdAt: at }],
  createdAt: at,
  updatedAt: at,
  ...more,
});
const keyOf = (id: string) => `${workspaceId}-${id}`;

const put = (id: string, value: object | null, workspace = workspaceId) =>
  producer.send([
    {
      topic: TOPICS.sources.name,
      key: `${workspace}/${id}`,
      value: value && JSON.stringify(value),
      headers: { schema: 'source@1' },
    },
  ]);

function registryOn(brokers: readonly string[]) {
  const config = configOf({
    KAFKA_BROKERS: brokers.join(','),
    TRIBUTARY_WORKSPACE: workspaceId,
    TRIBUTARY_WRITE_KEY: 'built-in-key',
    TRIBUTARY_DATA: dataDir,
  });
  const health = new HealthRegistry();
  const connection = new KafkaConnection({ brokers, clientId: 'spec', retries: 1 });
  const logger = makeLogger('collector', 'silent');
  const registry = new KafkaSourceRegistry(config, logger, health, connection, new InFlight(1_000));
  running.push(registry);
  return { registry, health };
}

async function started(brokers: readonly string[] = kafkaBrokers()) {
  const made = registryOn(brokers);
  await made.registry.onModuleInit();
  return made;
}

const copied = async () => readFile(join(dataDir, 'collector/sources.json'), 'utf8').catch(() => '');

describe('KafkaSourceRegistry', () => {
  it('knows at its start what the topic has, and follows changes', async () => {
    await put(
      'till',
      message('till', { rateLimit: { eventsPerSecond: 5 }, allowedOrigins: ['https://a.example'] }),
    );
    const { registry, health } = await started();
    expect(registry.sourceOf(keyOf('till'))).toEqual({
      workspaceId,
      sourceId: 'till',
      enabled: true,
      rateLimit: { eventsPerSecond: 5, burst: 5 },
      allowedOrigins: new Set(['https://a.example']),
    });
    expect(registry.sourceOf('built-in-key')?.sourceId).toBe('default');
    expect(registry.sourceOf('other')).toBeUndefined();
    expect(await health.look()).toMatchObject({ sources: { status: 'up' } });

    await put('till', message('till', { enabled: false }));
    await eventually(() => registry.sourceOf(keyOf('till'))?.enabled === false);
    await put('till', message('till', { writeKeys: [{ key: 'another-key', createdAt: at }] }));
    await eventually(
      () => registry.sourceOf('another-key') !== undefined && !registry.sourceOf(keyOf('till')),
    );
    await put('till', null);
    await eventually(() => !registry.sourceOf('another-key'));
  });

  it('knows the sources of other workspaces, also of the same id', async () => {
    const other = uniqueName('other');
    const keys = [{ key: `${other}-web`, createdAt: at }];
    await put('web', message('web'));
    await put('web', message('web', { workspaceId: other, writeKeys: keys }), other);
    const { registry } = await started();
    expect(registry.sourceOf(keyOf('web'))).toMatchObject({ workspaceId, sourceId: 'web' });
    expect(registry.sourceOf(`${other}-web`)).toMatchObject({ workspaceId: other, sourceId: 'web' });
    expect(registry.sourceWithId(other, 'web')).toBe(registry.sourceOf(`${other}-web`));
    expect(registry.sourceWithId(workspaceId, 'web')).toBe(registry.sourceOf(keyOf('web')));
    await put('web', null, other);
    await eventually(() => !registry.sourceOf(`${other}-web`));
    expect(registry.sourceOf(keyOf('web'))).toBeDefined();
  });

  it('lets no other workspace take a key of its own, nor that of the built-in source', async () => {
    const other = `a-${uniqueName('other')}`;
    await put('web', message('web'));
    const stolen = ['built-in-key', keyOf('web')].map((key) => ({ key, createdAt: at }));
    await put('default', message('default', { workspaceId: other, writeKeys: stolen }), other);
    const { registry } = await started();
    expect(registry.sourceOf('built-in-key')).toMatchObject({ workspaceId, sourceId: 'default' });
    expect(registry.sourceOf(keyOf('web'))).toMatchObject({ workspaceId, sourceId: 'web' });
    await put('default', null, other);
  });

  it('has the built-in source until a definition takes its place', async () => {
    const { registry } = await started();
    await put('default', message('default'));
    await eventually(() => registry.sourceOf(keyOf('default')) !== undefined);
    expect(registry.sourceOf('built-in-key')).toBeUndefined();
    await put('default', null);
    await eventually(() => registry.sourceOf('built-in-key') !== undefined);
  });

  it('keeps the definition before one that is unreadable, and no plan that cannot be compiled', async () => {
    const { registry } = await started();
    await put('till', message('till'));
    await eventually(() => registry.sourceOf(keyOf('till')) !== undefined);
    await put('till', { nonsense: true });
    const event = { type: 'identify' as const, schema: { type: 'nonsense' }, onViolation: 'reject' as const };
    await put('web', message('web', { plan: { events: [event], unplanned: 'allow' } }));
    await eventually(() => registry.sourceOf(keyOf('web')) !== undefined);
    expect(registry.sourceOf(keyOf('till'))).toBeDefined();
    expect(registry.sourceOf(keyOf('web'))?.plan).toBeUndefined();
  });

  it('compiles a plan once, and again when it changes', async () => {
    const schema = { required: ['userId'] };
    const plan = {
      events: [{ type: 'identify' as const, schema, onViolation: 'reject' as const }],
      unplanned: 'allow' as const,
    };
    await put('till', message('till', { plan }));
    const { registry } = await started();
    const first = registry.sourceOf(keyOf('till'))?.plan;
    expect(first?.validate({ type: 'identify' }).ok).toBe(false);
    await put('till', message('till', { plan, enabled: false }));
    await eventually(() => registry.sourceOf(keyOf('till'))?.enabled === false);
    expect(registry.sourceOf(keyOf('till'))?.plan).toBe(first);
    await put('till', message('till', { plan: { ...plan, events: [] } }));
    await eventually(
      () => registry.sourceOf(keyOf('till'))?.plan?.validate({ type: 'identify' }).ok === true,
    );
  });

  it('begins with those known last where Kafka is away, and refuses no key that it might not know', async () => {
    await put('till', message('till'));
    await started();
    await eventually(async () => (await copied()).includes(keyOf('till')));
    const { registry, health } = await started([AWAY]);
    expect(registry.isKnown).toBe(true);
    expect(registry.sourceOf(keyOf('till'))?.sourceId).toBe('till');
    expect(registry.sourceOf('built-in-key')?.sourceId).toBe('default');
    expect(await health.look()).toMatchObject({ sources: { status: 'up' } });
  });

  it('knows nothing, and is unready, where Kafka is away and nothing was ever known', async () => {
    const { registry, health } = await started([AWAY]);
    expect(registry.isKnown).toBe(false);
    expect(registry.sourceOf('built-in-key')).toBeUndefined();
    expect(await health.look()).toMatchObject({ sources: { status: 'down' } });
  });

  it('goes on with what the topic has once Kafka is back', async () => {
    await put('till', message('till'));
    const way = createServer((socket) => {
      const [host = '', port = ''] = (kafkaBrokers()[0] ?? '').split(':');
      const onward = connect(Number(port), host);
      socket.pipe(onward).pipe(socket);
      for (const end of [socket, onward]) end.on('error', () => undefined);
    });
    const listen = (port: number) =>
      new Promise<number>((resolve) => {
        way.listen(port, '127.0.0.1', () => {
          resolve((way.address() as AddressInfo).port);
        });
      });
    const port = await listen(0);
    await new Promise((resolve) => way.close(resolve));
    const { registry } = await started([`127.0.0.1:${port}`]);
    expect(registry.isKnown).toBe(false);
    await listen(port);
    await eventually(() => registry.sourceOf(keyOf('till')) !== undefined);
    way.close();
  });
});
