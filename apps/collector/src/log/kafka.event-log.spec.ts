import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KafkaConnection } from '@tributary/kafka';
import { brokersOf, HealthRegistry, makeLogger, readSettings } from '@tributary/service';
import { eventually } from '@tributary/testing';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { COLLECTOR_SETTINGS } from '../collector.config.js';
import { InFlight } from './in-flight.js';
import { KafkaEventLog } from './kafka.event-log.js';

const record = { topic: 'events.v1', key: 'w/user_id:u1', value: Buffer.alloc(1_000) };

let silent: Server;
let inFlight: InFlight;
const sockets = new Set<Socket>();

beforeEach(async () => {
  inFlight = new InFlight(1_500);
  silent = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  const closed = new Promise((resolve) => silent.close(resolve));
  for (const socket of sockets) socket.destroy();
  await closed;
  await eventually(() => inFlight.bytes === 0, { what: 'the end of all sends' });
}, 60_000);

function logOn(port: number, health = new HealthRegistry()): KafkaEventLog {
  const read = readSettings(COLLECTOR_SETTINGS, {
    KAFKA_BROKERS: `127.0.0.1:${port}`,
    CLICKHOUSE_URL: 'http://127.0.0.1:1',
    COLLECTOR_APPEND_TIMEOUT_MS: '200',
  });
  if (!read.ok) throw new Error(read.error.join('\n'));
  const connection = new KafkaConnection({ brokers: brokersOf(read.value), clientId: 'spec' });
  return new KafkaEventLog(read.value, makeLogger('collector', 'silent'), health, connection, inFlight);
}

describe('KafkaEventLog', () => {
  it('gives up within its time on a broker that does not answer, and is unready then', async () => {
    const health = new HealthRegistry();
    const log = logOn((silent.address() as AddressInfo).port, health);
    expect(await health.failing()).toEqual([]);
    expect(await log.append([record])).toEqual({ ok: false, error: 'unavailable' });
    expect(await health.failing()).toEqual([{ check: 'kafka' }]);
  });

  it('counts what it gave up on as in flight as long as it is in memory, and sheds what is beyond', async () => {
    const log = logOn((silent.address() as AddressInfo).port);
    await log.append([record]);
    expect(inFlight.bytes).toBe(1_000);
    expect(await log.append([record])).toEqual({ ok: false, error: 'overloaded' });
  });
});
