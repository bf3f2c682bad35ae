import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { pemProblem } from '@tributary/kernel';
import { readFileSync } from 'node:fs';

/** How a client proves to Kafka who it is, and that nobody listens. */
export interface KafkaSecurity {
  /** Certificates and key are PEM texts; the system's authorities unless `ca` is given. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: KafkaSasl;
}

/** `oauthbearer` asks for a token whenever a connection is made. */
export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<string> };

/** The settings of it, as environment variables have them. */
export interface KafkaSecuritySettings {
  readonly KAFKA_TLS?: boolean;
  readonly KAFKA_TLS_CA?: string;
  readonly KAFKA_TLS_CERT?: string;
  readonly KAFKA_TLS_KEY?: string;
  readonly KAFKA_SASL_MECHANISM?: 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer';
  readonly KAFKA_SASL_USERNAME?: string;
  readonly KAFKA_SASL_PASSWORD?: string;
  readonly KAFKA_SASL_TOKEN_FILE?: string;
}

/**
 * Reads the files that the settings name. A token file is read for each connection: whoever renews the token writes it
 * anew.
 *
 * @throws Error naming the setting whose file cannot be read
 */
export function kafkaSecurity(settings: KafkaSecuritySettings): KafkaSecurity {
  const { KAFKA_TLS, KAFKA_TLS_CA, KAFKA_TLS_CERT, KAFKA_TLS_KEY } = settings;
  const sasl = saslOf(settings);
  return {
    ...(KAFKA_TLS === true && {
      tls: {
        ...(KAFKA_TLS_CA !== undefined && { ca: readSetting('KAFKA_TLS_CA', KAFKA_TLS_CA, 'certificates') }),
        ...(KAFKA_TLS_CERT !== undefined && {
          cert: readSetting('KAFKA_TLS_CERT', KAFKA_TLS_CERT, 'certificates'),
        }),
        ...(KAFKA_TLS_KEY !== undefined && { key: readSetting('KAFKA_TLS_KEY', KAFKA_TLS_KEY, 'key') }),
      },
    }),
    ...(sasl && { sasl }),
  };
}

/** The same from the environment of a tool. */
export function kafkaSecurityIn(environment: Readonly<Record<string, string | undefined>>): KafkaSecurity {
  const given = Object.entries(environment).filter(([, text]) => text !== undefined && text !== '');
  const settings = Object.fromEntries(given) as KafkaSecuritySettings;
  return kafkaSecurity({ ...settings, KAFKA_TLS: /^(true|1)$/i.test(environment.KAFKA_TLS ?? '') });
}

function saslOf(settings: KafkaSecuritySettings): KafkaSasl | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_TOKEN_FILE: file = '' } = settings;
  if (mechanism === undefined) return undefined;
  if (mechanism === 'oauthbearer') {
    return { mechanism, token: () => Promise.resolve(readSetting('KAFKA_SASL_TOKEN_FILE', file).trim()) };
  }
  const { KAFKA_SASL_USERNAME: username = '', KAFKA_SASL_PASSWORD: password = '' } = settings;
  return { mechanism, username, password };
}

function readSetting(setting: string, file: string, content?: 'certificates' | 'key'): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`${setting}: ${file} cannot be read`, { cause });
  }
  const problem = content && pemProblem(text, content);
  if (problem !== undefined) throw new Error(`${setting}: ${file} ${problem}`);
  return text;
}

/** As kafkajs takes it. */
export function clientSecurity({ tls, sasl }: KafkaSecurity): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return { ...(tls && { ssl: { ...tls } }), ...(sasl && { sasl: clientSasl(sasl) }) };
}

function clientSasl(sasl: KafkaSasl): NonNullable<KafkaConfig['sasl']> {
  if (sasl.mechanism !== 'oauthbearer') return sasl as SASLOptions;
  return {
    mechanism: 'oauthbearer',
    oauthBearerProvider: async () => ({ value: await sasl.token() }),
  };
}
