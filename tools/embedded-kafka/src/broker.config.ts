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

const MAX_MESSAGE_BYTES = 4_194_304;

/**
 * The text of `server.properties`: broker and controller in one process, on 127.0.0.1 only.
 *
 * No `flush.*` is set, as Kafka advises: acknowledged records are in the page cache of the operating system. They
 * survive the broker's being killed, not a power cut, as with any single broker; replicas are what guards against that.
 */
export function serverProperties(o: {
  readonly logDir: string;
  readonly port: number;
  readonly controllerPort: number;
}): string {
  const settings: Readonly<Record<string, string | number | boolean>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${o.controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${o.port},CONTROLLER://127.0.0.1:${o.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${o.port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    // A broker that was killed is registered again only when its former self's session has passed: 9 s by default.
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 500,
    'log.dirs': o.logDir,
    'auto.create.topics.enable': false,
    'num.partitions': 1,
    'default.replication.factor': 1,
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.num.partitions': OFFSETS_PARTITIONS,
    'offsets.topic.replication.factor': 1,
    'offsets.retention.minutes': 20_160,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'message.max.bytes': MAX_MESSAGE_BYTES,
    'replica.fetch.max.bytes': MAX_MESSAGE_BYTES,
    'log.cleaner.enable': true,
    'log.cleaner.dedupe.buffer.size': 33_554_432,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
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
