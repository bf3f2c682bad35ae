import { join } from 'node:path';

/** Where the parts of a broker's data folder lie. */
export function layout(dataDir: string): {
  readonly log: string;
  readonly meta: string;
  readonly properties: string;
  readonly log4j: string;
  readonly output: string;
  readonly pid: string;
} {
  return {
    log: join(dataDir, 'log'),
    meta: join(dataDir, 'log', 'meta.properties'),
    properties: join(dataDir, 'server.properties'),
    log4j: join(dataDir, 'log4j2.properties'),
    output: join(dataDir, 'broker.log'),
    pid: join(dataDir, 'broker.pid'),
  };
}

/** How many partitions `__consumer_offsets` has; each is led by its own group coordinator. */
export const OFFSETS_PARTITIONS = 4;

const MAX_MESSAGE_BYTES = 16_777_216;

/** One broker, and the quorum of which it is a part. */
export interface BrokerPlace {
  /** 1 and up. */
  readonly id: number;
  /** On which clients find it. */
  readonly port: number;
  /** Of every broker of the cluster, this one's among them: the port of its controller, by id. */
  readonly controllers: ReadonlyMap<number, number>;
  /** A second listener, for clients that come through a proxy. */
  readonly proxied?: ProxiedListener | undefined;
  /** Another listener, with TLS and SASL. */
  readonly secured?: SecuredListener | undefined;
  /** How long a group that begins waits for company, in milliseconds: 0 unless given; 3,000 in a broker as it comes. */
  readonly rebalanceDelayMs?: number | undefined;
}

/**
 * A listener that takes TLS alone, and clients that prove to be its user, by PLAIN or SCRAM, or by OAUTHBEARER with a
 * token that nobody signed, as Kafka has it for tests.
 */
export interface SecuredListener {
  readonly port: number;
  /** One more listener with TLS, which wants a certificate of its clients instead. Default: there is none. */
  readonly mutual?: {
    readonly port: number;
    /** A PEM file of the authorities that vouch for the clients. */
    readonly authorities: string;
  };
  /** A PKCS #12 file with the broker's certificate and key. */
  readonly keystore: string;
  readonly keystorePassword: string;
  readonly username: string;
  readonly password: string;
}

export const SCRAM_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** A listener behind a proxy on 127.0.0.1: clients that came by the proxy get its address again. */
export interface ProxiedListener {
  /** On which the broker listens. */
  readonly port: number;
  /** On which the proxy listens. */
  readonly advertisedPort: number;
}

/**
 * The text of `server.properties`: broker and controller in one process, on 127.0.0.1 only. Of three brokers each has
 * every record, and two must have it before it counts as written.
 *
 * No `flush.*` is set, as Kafka advises: acknowledged records are in the page cache of the operating system. They
 * survive the broker's being killed, not a power cut, as with any single broker; replicas are what guards against that.
 */
export function serverProperties(o: BrokerPlace & { readonly logDir: string }): string {
  const nodes = o.controllers.size;
  const replicas = Math.min(nodes, 3);
  const inSync = replicas > 2 ? 2 : 1;
  const voters = [...o.controllers].map(([id, port]) => `${id}@127.0.0.1:${port}`).join(',');
  const settings: Readonly<Record<string, string | number | boolean>> = {
    'process.roles': 'broker,controller',
    'node.id': o.id,
    'controller.quorum.voters': voters,
    ...listeners(o),
    ...(o.secured && securedListener(o.secured)),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,SECURED:SASL_SSL,MUTUAL:SSL,CONTROLLER:PLAINTEXT',
    // A broker that was killed is registered again only when its former self's session has passed: 9 s by default.
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 500,
    'log.dirs': o.logDir,
    'auto.create.topics.enable': false,
    'num.partitions': 1,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'group.initial.rebalance.delay.ms': o.rebalanceDelayMs ?? 0,
    'offsets.topic.num.partitions': OFFSETS_PARTITIONS,
    'offsets.topic.replication.factor': replicas,
    'offsets.retention.minutes': 20_160,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'message.max.bytes': MAX_MESSAGE_BYTES,
    'replica.fetch.max.bytes': MAX_MESSAGE_BYTES,
    'log.cleaner.enable': true,
    'log.cleaner.dedupe.buffer.size': 33_554_432,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${escaped(String(value))}\n`)
    .join('');
}

/** As java.util.Properties reads it: in Latin-1, with a backslash before an escape. */
function escaped(value: string): string {
  const escape = (character: string) =>
    character === '\\' ? '\\\\' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  // One escape for each UTF-16 code unit.
  return value.replace(/[\\]|[^ -~]/g, escape);
}

/** Java names files by the locale: with that of a bare container, it has none beyond ASCII. */
export const LOCALE = { LC_ALL: 'C.UTF-8' };

function listeners({
  id,
  port,
  controllers,
  proxied,
  secured,
}: BrokerPlace): Readonly<Record<string, string>> {
  const plain = `PLAINTEXT://127.0.0.1:${port}`;
  const behind = proxied ? `,PROXIED://127.0.0.1:${proxied.port}` : '';
  const advertised = proxied ? `,PROXIED://127.0.0.1:${proxied.advertisedPort}` : '';
  const mutual = secured?.mutual ? `,MUTUAL://127.0.0.1:${secured.mutual.port}` : '';
  const safe = secured ? `,SECURED://127.0.0.1:${secured.port}${mutual}` : '';
  return {
    listeners: `${plain}${behind}${safe},CONTROLLER://127.0.0.1:${controllers.get(id) ?? 0}`,
    'advertised.listeners': `${plain}${advertised}${safe}`,
  };
}

function keystoreOf(listener: string, { keystore, keystorePassword }: SecuredListener) {
  return {
    [`listener.name.${listener}.ssl.keystore.type`]: 'PKCS12',
    [`listener.name.${listener}.ssl.keystore.location`]: keystore,
    [`listener.name.${listener}.ssl.keystore.password`]: keystorePassword,
  };
}

function mutualListener(secured: SecuredListener, authorities: string) {
  return {
    ...keystoreOf('mutual', secured),
    'listener.name.mutual.ssl.truststore.type': 'PEM',
    'listener.name.mutual.ssl.truststore.location': authorities,
    'listener.name.mutual.ssl.client.auth': 'required',
  };
}

function securedListener(secured: SecuredListener) {
  const { username, password, mutual } = secured;
  const login = (module: string, more = '') => `org.apache.kafka.common.security.${module} required${more};`;
  const scram = SCRAM_MECHANISMS.map((mechanism) => [
    `listener.name.secured.${mechanism.toLowerCase()}.sasl.jaas.config`,
    login('scram.ScramLoginModule'),
  ]);
  return {
    ...keystoreOf('secured', secured),
    ...(mutual && mutualListener(secured, mutual.authorities)),
    'listener.name.secured.sasl.enabled.mechanisms': ['PLAIN', 'OAUTHBEARER', ...SCRAM_MECHANISMS].join(','),
    'listener.name.secured.oauthbearer.sasl.jaas.config': login('oauthbearer.OAuthBearerLoginModule'),
    'listener.name.secured.plain.sasl.jaas.config': login(
      'plain.PlainLoginModule',
      ` user_${username}="${password}"`,
    ),
    ...(Object.fromEntries(scram) as Record<string, string>),
  };
}

/** Warnings and errors only, to the broker's output. */
export const LOG4J_PROPERTIES = `status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
`;
