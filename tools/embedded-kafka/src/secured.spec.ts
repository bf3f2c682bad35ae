import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import {
  BatchingProducer,
  ensureTopics,
  GroupConsumer,
  kafkaCheck,
  KafkaConnection,
  kafkaSecurity,
  KafkaUnreachableError,
  readPartition,
} from '@tributary/kafka';
import { eventually } from '@tributary/testing';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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
let mutualPort = 0;
let KAFKA_TLS_CA = '';
let KAFKA_SASL_TOKEN_FILE = '';
let ours: Awaited<ReturnType<typeof certificate>>;
let strangers: Awaited<ReturnType<typeof certificate>>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'secured-'));
  const keystore = join(dir, 'broker.p12');
  KAFKA_TLS_CA = join(dir, 'ca.pem');
  const store = ['-keystore', keystore, '-storepass', keystorePassword, '-alias', 'broker'];
  const subject = ['-dname', 'CN=127.0.0.1', '-ext', 'SAN=ip:127.0.0.1', '-ext', 'BC=ca:true'];
  await run('keytool', ['-genkeypair', '-keyalg', 'RSA', '-storetype', 'PKCS12', ...store, ...subject]);
  await run('keytool', ['-exportcert', '-rfc', '-file', KAFKA_TLS_CA, ...store]);
  KAFKA_SASL_TOKEN_FILE = join(dir, 'token');
  await writeFile(KAFKA_SASL_TOKEN_FILE, `${token(KAFKA_SASL_USERNAME)}\n`);
  await certificate('authority');
  ours = await certificate('ours', 'authority');
  strangers = await certificate('strangers');
  port = await freePort(0);
  mutualPort = await freePort(0);
  const [username, password] = [KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD];
  const mutual = { port: mutualPort, authorities: join(dir, 'authority.pem') };
  const secured = { port, keystore, keystorePassword, username, password, mutual };
  kafka = await startKafka({ dataDir: join(dir, 'kafka'), port: 0, secured });
});
afterAll(async () => {
  await kafka.stop();
  await rm(dir, { recursive: true, force: true });
});

/** A token that nobody signed: Kafka takes it where it is set up for tests. */
function token(subject: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now, exp: now + 3_600 })}.`;
}

/** A key, and a certificate for it by the authority, or by the key itself. */
async function certificate(name: string, authority?: string) {
  const [key, cert, request] = ['key', 'pem', 'csr'].map((type) => join(dir, `${name}.${type}`)) as [
    string,
    string,
    string,
  ];
  const subject = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-subj', `/CN=${name}`];
  if (authority === undefined) await run('openssl', ['req', '-x509', ...subject, '-out', cert]);
  else {
    await run('openssl', ['req', '-new', ...subject, '-out', request]);
    const by = ['-CA', join(dir, `${authority}.pem`), '-CAkey', join(dir, `${authority}.key`)];
    await run('openssl', ['x509', '-req', '-in', request, ...by, '-out', cert]);
  }
  return { KAFKA_TLS_CERT: cert, KAFKA_TLS_KEY: key };
}

const connection = (settings: Parameters<typeof kafkaSecurity>[0], at = port) =>
  new KafkaConnection({
    brokers: [`127.0.0.1:${at}`],
    clientId: 'secured',
    retries: 0,
    security: kafkaSecurity(settings),
  });

/** Makes a topic, writes to it, reads it, and consumes it in a group. */
async function speaks(safe: KafkaConnection, topic: string): Promise<void> {
  await ensureTopics(safe, [{ ...TOPICS.events, name: topic }], { partitions: 1, replication: 1 });
  const producer = new BatchingProducer(safe);
  await producer.connect();
  await producer.send([{ topic, key: 'k', value: 'v' }]);
  await producer.disconnect();
  const [read, consumed]: [string[], string[]] = [[], []];
  await readPartition(safe, { topic, partition: 0, from: 0 }, ({ value }) => void read.push(String(value)));
  const onFatal = (error: unknown) => consumed.push(String(error));
  const consumer = new GroupConsumer(
    { connection: safe, groupId: topic, topics: [topic], onFatal },
    (batch) => {
      consumed.push(...batch.records.map(({ value }) => String(value)));
      return Promise.resolve();
    },
  );
  await consumer.start();
  await eventually(() => consumed.length > 0);
  await consumer.close();
  expect([read, consumed]).toEqual([['v'], ['v']]);
  expect(await kafkaCheck(safe)()).toBe(true);
  await safe.close();
}

describe('a broker that wants TLS and SASL', () => {
  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'is spoken to, its certificate being vouched for, by %s',
    async (KAFKA_SASL_MECHANISM) => {
      const login = { KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD };
      await speaks(connection({ KAFKA_TLS: true, KAFKA_TLS_CA, ...login }), `by-${KAFKA_SASL_MECHANISM}`);
    },
  );

  it('is spoken to by a token, which is read for each connection', async () => {
    const byToken = { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_TOKEN_FILE } as const;
    await speaks(connection({ KAFKA_TLS: true, KAFKA_TLS_CA, ...byToken }), 'by-token');
    const file = join(dir, 'renewed');
    await writeFile(file, 'no token');
    const late = connection({ KAFKA_TLS: true, KAFKA_TLS_CA, ...byToken, KAFKA_SASL_TOKEN_FILE: file });
    await expect(kafkaCheck(late)()).rejects.toThrow(/KAFKA_SASL_TOKEN_FILE/);
    await writeFile(file, token(KAFKA_SASL_USERNAME));
    await speaks(late, 'by-renewed-token');
  });

  const login = { KAFKA_SASL_MECHANISM: 'scram-sha-256', KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } as const;
  it.each([
    [
      'the password is wrong',
      { ...login, KAFKA_SASL_PASSWORD: 'x' },
      { KAFKA_TLS: true },
      /authentication/i,
      /KAFKA_SASL_PASSWORD/,
    ],
    [
      'the password of plain is wrong',
      { ...login, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'x' },
      { KAFKA_TLS: true },
      /authentication/i,
      /KAFKA_SASL_PASSWORD/,
    ],
    [
      'nobody vouches for its certificate',
      login,
      { KAFKA_TLS: true, KAFKA_TLS_CA: undefined },
      /self-signed/,
      /KAFKA_TLS_CA/,
    ],
    ['TLS is not asked for', login, { KAFKA_TLS: false }, /./, /KAFKA_BROKERS/],
  ] as const)('is not reached where %s, and the error says why', async (_, sasl, tls, why, setting) => {
    const ca = 'KAFKA_TLS_CA' in tls ? {} : { KAFKA_TLS_CA };
    const settings = { KAFKA_TLS: tls.KAFKA_TLS, ...ca, ...sasl };
    const refused = connection(settings);
    const error: unknown = await kafkaCheck(refused)().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KafkaUnreachableError);
    expect(String((error as Error).cause)).toMatch(why);
    expect(String(error)).toMatch(setting);
    await refused.close();
  });
});

describe('a broker that wants a certificate of its clients', () => {
  it('is spoken to with one that its authority vouches for', async () => {
    await speaks(connection({ KAFKA_TLS: true, KAFKA_TLS_CA, ...ours }, mutualPort), 'by-certificate');
  });

  it.each([
    ['none', () => ({})],
    ['one for which nobody vouches', () => strangers],
  ])('is not reached with %s, and the error names the setting', async (_, own) => {
    const refused = connection({ KAFKA_TLS: true, KAFKA_TLS_CA, ...own() }, mutualPort);
    const error: unknown = await kafkaCheck(refused)().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KafkaUnreachableError);
    expect(String(error)).toMatch(/KAFKA_TLS_CERT/);
    await refused.close();
  });

  it.each([
    ['is not there', () => join(dir, 'nowhere.pem'), /^KAFKA_TLS_CERT: .*nowhere\.pem cannot be read$/],
    [
      'holds no certificate',
      () => KAFKA_SASL_TOKEN_FILE,
      /^KAFKA_TLS_CERT: .*token holds no PEM certificate$/,
    ],
  ])('is not asked where the file of a certificate %s', (_, file, why) => {
    const settings = { KAFKA_TLS: true, KAFKA_TLS_CA, ...ours, KAFKA_TLS_CERT: file() };
    expect(() => kafkaSecurity(settings)).toThrow(why);
  });
});
