import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import Type from 'typebox';
import { readSettings } from './settings.js';

const settings = Type.Object({
  COLLECTOR_PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65_535, description: 'port' }),
  VERBOSE: Type.Boolean({ default: false, description: 'says more' }),
  RATIO: Type.Optional(Type.Number({ description: 'a share', minimum: 0 })),
});
const minimal = { KAFKA_BROKERS: '127.0.0.1:9092', CLICKHOUSE_URL: 'http://127.0.0.1:8123' };

let dir = '';
let files = 0;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

function fileOf(text: string): string {
  const file = join(dir, String((files += 1)));
  writeFileSync(file, text);
  return file;
}

function problemsOf(environment: Record<string, string>): readonly string[] {
  const read = readSettings(settings, environment);
  return read.ok ? [] : read.error;
}

describe('readSettings', () => {
  it('fills in defaults and converts text to numbers and booleans', () => {
    const read = readSettings(settings, { ...minimal, COLLECTOR_PORT: '0', VERBOSE: 'true', RATIO: '0.5' });
    expect(read).toMatchObject({
      ok: true,
      value: {
        COLLECTOR_PORT: 0,
        VERBOSE: true,
        RATIO: 0.5,
        KAFKA_PARTITIONS: 8,
        TRIBUTARY_WORKSPACE: 'default',
      },
    });
  });

  it('takes an empty variable as not set', () => {
    expect(readSettings(settings, { ...minimal, COLLECTOR_PORT: '' })).toMatchObject({
      ok: true,
      value: { COLLECTOR_PORT: 8080 },
    });
  });

  it('names every wrong setting at once, each with what would be right', () => {
    expect(
      problemsOf({ KAFKA_BROKERS: 'kafka', COLLECTOR_PORT: '80 80', VERBOSE: 'perhaps', LOG_LEVEL: 'loud' }),
    ).toEqual([
      expect.stringMatching(/^KAFKA_BROKERS .* is "kafka": .*for example 127\.0\.0\.1:9092$/),
      expect.stringMatching(/^CLICKHOUSE_URL is not set: /),
      expect.stringMatching(/^LOG_LEVEL .* is "loud": .*one of trace, debug/),
      expect.stringMatching(/^COLLECTOR_PORT must be integer, and is "80 80": port$/),
      expect.stringMatching(/^VERBOSE must be boolean, and is "perhaps": says more$/),
    ]);
  });

  it('refuses numbers that are out of range, cut or hexadecimal', () => {
    for (const port of ['65536', '-1', '80.5', '0x10', '1e3', ' '])
      expect(problemsOf({ ...minimal, COLLECTOR_PORT: port })).toHaveLength(1);
  });

  it('names what one setting of Kafka’s security asks of another, and shows no password', () => {
    expect(problemsOf({ ...minimal, KAFKA_TLS_CERT: 'c.pem', KAFKA_SASL_PASSWORD: 'secret' })).toEqual([
      'KAFKA_TLS is not set, and KAFKA_TLS_CERT is',
      'KAFKA_TLS_KEY is not set, and KAFKA_TLS_CERT is',
      'KAFKA_SASL_MECHANISM is not set, and KAFKA_SASL_PASSWORD is',
    ]);
    expect(problemsOf({ ...minimal, KAFKA_SASL_MECHANISM: 'scram-sha-512' })).toEqual([
      'KAFKA_SASL_USERNAME is not set, and KAFKA_SASL_MECHANISM is scram-sha-512',
      'KAFKA_SASL_PASSWORD is not set, and KAFKA_SASL_MECHANISM is scram-sha-512',
    ]);
    const [token, ca] = [fileOf('token'), fileOf(rootCertificates[0] ?? '')];
    const whole = { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_TOKEN_FILE: token };
    expect(problemsOf({ ...minimal, ...whole, KAFKA_TLS: 'true', KAFKA_TLS_CA: ca })).toEqual([]);
  });

  it('names each setting whose file is not there, or holds something else', () => {
    const [text, ca] = [fileOf('hello'), fileOf(rootCertificates[0] ?? '')];
    const own = { KAFKA_TLS: 'true', KAFKA_TLS_CERT: ca, KAFKA_TLS_KEY: text, KAFKA_TLS_CA: text };
    const byToken = { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_TOKEN_FILE: join(dir, 'nowhere') };
    expect(problemsOf({ ...minimal, ...own, ...byToken })).toEqual([
      `KAFKA_TLS_CA is "${text}", which holds no PEM certificate`,
      expect.stringMatching(/^KAFKA_TLS_KEY is ".*", which holds no PEM key/),
      expect.stringMatching(/^KAFKA_SASL_TOKEN_FILE is ".*nowhere", which cannot be read \(ENOENT\)$/),
    ]);
  });

  it('refuses a key that is another certificate’s', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = fileOf(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const own = {
      KAFKA_TLS: 'true',
      KAFKA_TLS_CERT: fileOf(rootCertificates[0] ?? ''),
      KAFKA_TLS_KEY: key,
    };
    expect(problemsOf({ ...minimal, ...own })).toEqual([
      'KAFKA_TLS_KEY is not the key of the first certificate in KAFKA_TLS_CERT',
    ]);
  });

  it('refuses the development keys on any address but loopback', () => {
    expect(problemsOf({ ...minimal, BIND_ADDRESS: '0.0.0.0' })).toEqual([
      expect.stringMatching(/^TRIBUTARY_WRITE_KEY has its development value/),
      expect.stringMatching(/^TRIBUTARY_API_TOKEN has its development value/),
    ]);
    const own = { TRIBUTARY_WRITE_KEY: 'k', TRIBUTARY_API_TOKEN: 't' };
    expect(problemsOf({ ...minimal, BIND_ADDRESS: '0.0.0.0', ...own })).toEqual([]);
    expect(problemsOf({ ...minimal, BIND_ADDRESS: '::1' })).toEqual([]);
  });
});
