import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kafkaCheck, KafkaConnection, kafkaSecurity, KafkaUnreachableError } from '@tributary/kafka';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './ports.js';
import { startKafka, type EmbeddedKafka } from './start.js';

const run = promisify(execFile);
const [KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, keystorePassword] = ['tributary', 'river-2026', 'keystore'];
let dir = '';
let kafka: EmbeddedKafka;
let port = 0;
let KAFKA_TLS_CA = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'secured-'));
  const keystore = join(dir, 'broker.p12');
  KAFKA_TLS_CA = join(dir, 'ca.pem');
  const store = ['-keystore', keystore, '-storepass', keystorePassword, '-alias', 'broker'];
  const subject = ['-dname', 'CN=127.0.0.1', '-ext', 'SAN=ip:127.0.0.1', '-ext', 'BC=ca:true'];
  await run('keytool', ['-genkeypair', '-keyalg', 'RSA', '-storetype', 'PKCS12', ...store, ...subject]);
  await run('keytool', ['-exportcert', '-rfc', '-file', KAFKA_TLS_CA, ...store]);
  port = await freePort(0);
  const [username, password] = [KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD];
  const secured = { port, keystore, keystorePassword, username, password };
  kafka = await startKafka({ dataDir: join(dir, 'kafka'), port: 0, secured });
});
afterAll(async () => {
  await kafka.stop();
  await rm(dir, { recursive: true, force: true });
});

const connection = (settings: Parameters<typeof kafkaSecurity>[0]) =>
  new KafkaConnection({
    brokers: [`127.0.0.1:${port}`],
    clientId: 'secured',
    retries: 0,
    security: kafkaSecurity(settings),
  });

describe('a broker that wants TLS and SASL', () => {
  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'is spoken to, its certificate being vouched for, by %s',
    async (KAFKA_SASL_MECHANISM) => {
      const login = { KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD };
      const safe = connection({ KAFKA_TLS: true, KAFKA_TLS_CA, ...login });
      const topic = `by-${KAFKA_SASL_MECHANISM}`;
      await safe.withAdmin((admin) => admin.createTopics({ topics: [{ topic, numPartitions: 1 }] }));
      const topics = await safe.withAdmin((admin) => admin.listTopics());
      expect(topics).toContain(topic);
      expect(await kafkaCheck(safe)()).toBe(true);
    },
  );

  const login = { KAFKA_SASL_MECHANISM: 'scram-sha-256', KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } as const;
  it.each([
    ['the password is wrong', { ...login, KAFKA_SASL_PASSWORD: 'x' }, { KAFKA_TLS: true }, /authentication/i],
    [
      'nobody vouches for its certificate',
      login,
      { KAFKA_TLS: true, KAFKA_TLS_CA: undefined },
      /self-signed/,
    ],
    ['TLS is not asked for', login, { KAFKA_TLS: false }, /./],
  ])('is not reached where %s, and the error says why', async (_, sasl, tls, why) => {
    const ca = 'KAFKA_TLS_CA' in tls ? {} : { KAFKA_TLS_CA };
    const settings = { KAFKA_TLS: tls.KAFKA_TLS, ...ca, ...sasl };
    const error: unknown = await kafkaCheck(connection(settings))().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KafkaUnreachableError);
    expect(String((error as Error).cause)).toMatch(why);
  });
});
