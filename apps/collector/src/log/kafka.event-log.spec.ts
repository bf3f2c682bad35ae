import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KafkaConnection, logBounds, readRanges, type LogRecord } from '@tributary/kafka';
import { brokersOf, HealthRegistry, makeLogger } from '@tributary/service';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { configOf } from '../../test/config.fixture.js';
import { NOBODY_SUPPRESSED, type Suppressions } from '../suppressions/suppressions.port.js';
import { InFlight } from './in-flight.js';
import { KafkaEventLog } from './kafka.event-log.js';

const OK = { ok: true, value: undefined };

let silent: Server;
let dataDir: string;
let health: HealthRegistry;
let metrics: Registry;
const sockets = new Set<Socket>();

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-event-log-'));
  health = new HealthRegistry();
  metrics = new Registry();
  silent = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  const closed = new Promise((resolve) => silent.close(resolve));
  for (const socket of sockets) socket.destroy();
  await closed;
  await rm(dataDir, { recursive: true });
});

const nowhere = () => `127.0.0.1:${(silent.address() as AddressInfo).port}`;

function logOn(
  brokers: string,
  settings: Readonly<Record<string, string>> = {},
  suppressions: Suppressions = NOBODY_SUPPRESSED,
): KafkaEventLog {
  const config = configOf({
    KAFKA_BROKERS: brokers,
    COLLECTOR_APPEND_TIMEOUT_MS: '200',
    TRIBUTARY_DATA: dataDir,
    ...settings,
  });
  const connection = new KafkaConnection({ brokers: brokersOf(config), clientId: 'spec', retries: 1 });
  const parts = [config, makeLogger('collector', 'silent'), health, { now: Date.now }, metrics] as const;
  metrics.clear();
  return new KafkaEventLog(...parts, connection, new InFlight(1_000_000), suppressions);
}

const recordOf = (user: string, bytes = 100) => ({
  topic: 'events.v1',
  key: `w/user_id:${user}`,
  value: Buffer.alloc(bytes, 'x'),
  headers: { messageId: user, schema: 'spec@1' },
});
async function readEvents(connection: KafkaConnection, onRecord: (record: LogRecord) => void): Promise<void> {
  const bounds = await logBounds(connection, 'events.v1');
  const all = new Map(
    [...bounds].map(([partition, { start, end }]) => [partition, { from: start, to: end }]),
  );
  await readRanges(connection, 'events.v1', all, onRecord);
}

const metric = async (name: string) => {
  const { values } = (await metrics.getSingleMetric(`tributary_collector_spool_${name}`)?.get()) ?? {};
  return values?.[0]?.value;
};

describe('KafkaEventLog', () => {
  it('starts, keeps events, is ready and ends in time beside a broker that does not answer', async () => {
    const log = logOn(nowhere());
    await log.onModuleInit();
    expect(await log.append([recordOf('u1')])).toEqual(OK);
    expect(await health.look()).toMatchObject({ 'event log': { status: 'up' } });
    expect(await metric('records')).toBe(1);
    expect(await metric('in_use')).toBe(1);
    const began = performance.now();
    await log.onApplicationShutdown();
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('tells Kafka of what an earlier process kept, with key, headers and value as they were', async () => {
    const user = uniqueName('user');
    const away = logOn(nowhere());
    await away.onModuleInit();
    await away.append([recordOf(user)]);
    await away.onApplicationShutdown();

    const back = logOn(kafkaBrokers().join(','));
    await back.onModuleInit();
    await eventually(async () => (await metric('replayed_total')) === 1 && (await metric('in_use')) === 0);
    expect(await metric('bytes')).toBe(0);
    await back.onApplicationShutdown();
    const found: unknown[] = [];
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: user });
    await readEvents(connection, ({ key, headers, value }) => {
      if (headers.messageId === user) found.push({ key, headers: { ...headers }, value });
    });
    const { key, headers, value } = recordOf(user);
    expect(found).toEqual([{ key, headers, value }]);
  });

  it('does not tell Kafka what an earlier process kept of somebody who is suppressed since', async () => {
    const [gone, stays] = [uniqueName('user'), uniqueName('user')];
    const away = logOn(nowhere());
    await away.onModuleInit();
    const named = (user: string) => {
      const record = recordOf(user);
      return { ...record, headers: { ...record.headers, identifiers: JSON.stringify([`user_id:${user}`]) } };
    };
    await away.append([named(gone), named(stays)]);
    await away.onApplicationShutdown();

    const back = logOn(
      kafkaBrokers().join(','),
      {},
      { of: () => (identifiers) => identifiers.includes(`user_id:${gone}`) },
    );
    await back.onModuleInit();
    await eventually(async () => (await metric('in_use')) === 0);
    await back.onApplicationShutdown();
    const found: unknown[] = [];
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: gone });
    await readEvents(connection, ({ headers }) => {
      if ([gone, stays].includes(headers.messageId ?? '')) found.push(headers.messageId);
    });
    expect(found).toEqual([stays]);
  });

  it('is unready, and says so to the client, when there is no room on disk either', async () => {
    const log = logOn(nowhere(), { COLLECTOR_SPOOL_BYTES: '1000' });
    await log.onModuleInit();
    expect(await log.append([recordOf('u1', 800)])).toEqual(OK);
    expect(await log.append([recordOf('u2', 800)])).toEqual({ ok: false, error: 'unavailable' });
    expect(await health.look()).toMatchObject({ 'event log': { status: 'down' } });
    await log.onApplicationShutdown();
  });
});
