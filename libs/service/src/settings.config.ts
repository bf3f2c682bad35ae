import Type, { type Static, type TObject } from 'typebox';

/** The write key and API token that work out of the box, and only on loopback. */
export const DEV_WRITE_KEY = 'dev-write-key';
export const DEV_API_TOKEN = 'dev-api-token';

/**
 * What every service reads from the environment: name of the variable → schema with default and description.
 * `secret: true` keeps a value out of error messages; `asks` names what else must be set; `file` says that the value is
 * the name of a file, and what is in it. Variables that are empty count as not set.
 */
export const COMMON_SETTINGS = Type.Object({
  KAFKA_BROKERS: Type.String({
    pattern: '^[^\\s,:]+:\\d+(,[^\\s,:]+:\\d+)*$',
    description: 'Kafka brokers, host:port, comma separated',
    examples: ['127.0.0.1:9092'],
  }),
  KAFKA_TLS: Type.Boolean({
    default: false,
    description: 'whether Kafka is spoken to over TLS',
  }),
  KAFKA_TLS_CA: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'PEM file of the authorities that vouch for the brokers; those of the system unless set',
      examples: ['/etc/tributary/kafka-ca.pem'],
      asks: ['KAFKA_TLS'],
      file: 'certificates',
    }),
  ),
  KAFKA_TLS_CERT: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'PEM file of the certificate of the services, with KAFKA_TLS_KEY',
      asks: ['KAFKA_TLS', 'KAFKA_TLS_KEY'],
      file: 'certificates',
    }),
  ),
  KAFKA_TLS_KEY: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'PEM file of the key of KAFKA_TLS_CERT, without a passphrase',
      asks: ['KAFKA_TLS_CERT'],
      file: 'key',
    }),
  ),
  KAFKA_SASL_MECHANISM: Type.Optional(
    Type.Enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'], {
      description: 'how the services prove to Kafka who they are; they do not unless it is set',
      asks: {
        plain: ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
        'scram-sha-256': ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
        'scram-sha-512': ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
        oauthbearer: ['KAFKA_SASL_TOKEN_FILE'],
      },
    }),
  ),
  KAFKA_SASL_USERNAME: Type.Optional(
    Type.String({ minLength: 1, description: 'user of plain and scram', asks: ['KAFKA_SASL_MECHANISM'] }),
  ),
  KAFKA_SASL_PASSWORD: Type.Optional(
    Type.String({
      minLength: 1,
      secret: true,
      description: 'password of plain and scram',
      asks: ['KAFKA_SASL_MECHANISM'],
    }),
  ),
  KAFKA_SASL_TOKEN_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'file of the token of oauthbearer, read for each connection: whoever renews it writes it anew',
      file: 'text',
    }),
  ),
  KAFKA_REQUEST_TIMEOUT_MS: Type.Integer({
    default: 15_000,
    minimum: 1_000,
    maximum: 300_000,
    description: 'how long Kafka may take to answer a request, in milliseconds, before it is made again',
  }),
  KAFKA_SESSION_TIMEOUT_MS: Type.Integer({
    default: 6_000,
    minimum: 6_000,
    maximum: 300_000,
    description:
      'a process of which a consumer group hears nothing for so long, in milliseconds, loses its partitions and ends; within group.min.session.timeout.ms and group.max.session.timeout.ms of the brokers',
  }),
  KAFKA_REBALANCE_TIMEOUT_MS: Type.Integer({
    default: 15_000,
    minimum: 6_000,
    maximum: 600_000,
    description:
      'how long a process may take to finish the batch under way, in milliseconds, when its consumer group is rebalanced',
  }),
  KAFKA_FETCH_BYTES: Type.Integer({
    default: 4_194_304,
    minimum: 524_288,
    maximum: 67_108_864,
    description: 'bytes of records that one fetch brings, for each consumer and each broker it reads from',
  }),
  CLICKHOUSE_URL: Type.String({
    pattern: '^https?://',
    description: 'HTTP interface of ClickHouse',
    examples: ['http://127.0.0.1:8123'],
  }),
  CLICKHOUSE_DATABASE: Type.String({
    default: 'tributary',
    pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
    description: 'database of all tables; created when missing',
  }),
  TRIBUTARY_DATA: Type.String({
    default: '.tributary',
    description: 'directory of the state that survives restarts',
  }),
  TRIBUTARY_WORKSPACE: Type.String({
    default: 'default',
    minLength: 1,
    pattern: '^[^/]+$',
    description:
      'id of the workspace of the installation itself; no slash. Others are made by the API: see docs/workspaces.md',
  }),
  QUOTA_EVENTS_PER_SECOND: Type.Integer({
    default: 100_000,
    minimum: 1,
    description: 'events a second that the collector takes of a workspace whose own quota says nothing',
  }),
  KAFKA_PARTITIONS: Type.Integer({
    default: 8,
    minimum: 1,
    description:
      'partitions of every data topic; never changes in a generation. Of the Kafka that `npm start` starts, by default one for each core, 2 to 16, as its data folder began',
  }),
  KAFKA_REPLICATION: Type.Integer({
    default: 1,
    minimum: 1,
    description: 'replicas of every topic that is created',
  }),
  BIND_ADDRESS: Type.String({
    default: '127.0.0.1',
    minLength: 1,
    description: 'address on which HTTP is served; other than loopback needs keys of your own',
  }),
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    default: 'info',
    description: 'least severe level that is logged',
  }),
  TRIBUTARY_WRITE_KEY: Type.String({
    default: DEV_WRITE_KEY,
    minLength: 1,
    secret: true,
    description: 'write key of the source `default`',
  }),
  TRIBUTARY_API_TOKEN: Type.String({
    default: DEV_API_TOKEN,
    minLength: 1,
    secret: true,
    description: 'first token of the API, with the scope admin; others are made by POST /v1/tokens',
  }),
});

/** The settings that every service has. */
export type CommonConfig = Static<typeof COMMON_SETTINGS>;

/** A service's settings, its own and the common ones, checked and converted. */
export type Config<S extends TObject> = Readonly<CommonConfig & Static<S>>;

/** The brokers as a list of `host:port`. */
export function brokersOf(config: Pick<CommonConfig, 'KAFKA_BROKERS'>): readonly string[] {
  return config.KAFKA_BROKERS.split(',');
}
