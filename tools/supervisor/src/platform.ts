import type { EmbeddedClickHouse } from '@tributary/embedded-clickhouse';
import type { EmbeddedKafka } from '@tributary/embedded-kafka';
import { resolve } from 'node:path';
import { lockDataFolder } from './data-folder.js';
import type { KeptPostgres } from './kept-postgres.js';
import { readNodes, type Nodes } from './nodes.js';
import { partitionsOf } from './partitions.js';
import { assertFree, knownPort, readPort, urlOf } from './ports.js';
import { startServers, type Servers, type ServersOptions } from './servers.js';
import { portSetting, ServiceProcess } from './service-process.js';

/** The services in the order in which they drain: nothing is cut off from what it still has to say. */
export const SERVICES = ['collector', 'api', 'segmentation', 'profile-builder', 'identity'] as const;

export type ServiceName = (typeof SERVICES)[number];

const PORTS = {
  collector: 8080,
  'collector-internal': 8086,
  api: 8081,
  identity: 8082,
  'profile-builder': 8083,
  segmentation: 8084,
  kafka: 9092,
  clickhouse: 8123,
  postgres: 5433,
} as const;

type Listener = keyof typeof PORTS;

/** Any free port for each that listens: beside a platform that has the usual ones. */
export const ANY_PORTS: Readonly<Record<Listener, number>> = {
  collector: 0,
  'collector-internal': 0,
  api: 0,
  identity: 0,
  'profile-builder': 0,
  segmentation: 0,
  kafka: 0,
  clickhouse: 0,
  postgres: 0,
};

/** What a platform is started with. */
export interface PlatformOptions<S extends ServiceName = ServiceName> {
  /** Everything that survives a restart; held for this process while the platform runs. */
  readonly dataDir: string;
  /** Default: `COLLECTOR_PORT`, `KAFKA_PORT` and the like of `env`, then 8080 and up, 9092, 8123, 5433. 0: any free one. */
  readonly ports?: Partial<Readonly<Record<Listener, number>>>;
  /** Settings for the services. Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Default: all. */
  readonly services?: readonly S[];
  /** Used instead of a broker of our own. Default: `KAFKA_BROKERS` of `env`. */
  readonly brokers?: string;
  /** Used instead of an engine of our own. Default: `CLICKHOUSE_URL` of `env`. */
  readonly clickhouseUrl?: string;
  /** Used instead of a PostgreSQL of our own. Default: `DATABASE_URL` of `env`. */
  readonly databaseUrl?: string;
  /** Whether services that end unasked are started again. */
  readonly restart: boolean;
  /** Arguments for the Node.js that runs the services, before the program. Default: none. */
  readonly nodeArguments?: readonly string[];
  /** Takes lines for people. Default: none. */
  readonly say?: (line: string) => void;
  /** Gives up a start that is under way: what runs is ended, then the start rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A platform that runs. */
export interface Platform<S extends ServiceName = ServiceName> {
  readonly dataDir: string;
  readonly brokers: string;
  readonly clickhouseUrl: string;
  /** With user and password; empty where no service needs a database. */
  readonly databaseUrl: string;
  /** Absent when `brokers` were given. */
  readonly kafka?: EmbeddedKafka;
  /** Absent when `clickhouseUrl` was given. */
  readonly clickhouse?: EmbeddedClickHouse;
  /** Absent when a `databaseUrl` was given, and where no service needs one. */
  readonly postgres?: KeptPostgres;
  readonly services: Readonly<Record<S, ServiceProcess>>;
  /** Drains the services in the order of the flow, then ends the servers of our own. */
  stop(): Promise<void>;
}

/**
 * Takes the data folder, starts broker, engine and database where none are given, then the services, all side by side; resolves
 * when all are ready. When anything fails, what was started is ended first.
 *
 * @throws SupervisorError, EmbeddedKafkaError, EmbeddedClickHouseError, EmbeddedPostgresError: one line for a reader each
 */
export async function startPlatform<S extends ServiceName = ServiceName>(
  options: PlatformOptions<S>,
): Promise<Platform<S>> {
  const env = options.env ?? process.env;
  const dataDir = resolve(options.dataDir);
  const names = SERVICES.filter((name): name is S & ServiceName =>
    ((options.services ?? SERVICES) as readonly string[]).includes(name),
  );
  const brokers = options.brokers ?? present(env.KAFKA_BROKERS);
  const clickhouseUrl = options.clickhouseUrl ?? present(env.CLICKHOUSE_URL);
  const hasDefinitions = names.some((name) => name === 'api');
  const databaseUrl = options.databaseUrl ?? present(env.DATABASE_URL) ?? (hasDefinitions ? undefined : '');
  const portOf = (name: Listener) =>
    options.ports?.[name] ?? readPort(env[portSetting(name)], portSetting(name), PORTS[name]);

  const held: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const release of held.splice(0).reverse()) await release();
  };
  try {
    const lock = await lockDataFolder(dataDir);
    held.push(() => lock.release());
    await assertAllFree({ names, portOf, env, brokers, clickhouseUrl, databaseUrl });

    const ports = {
      kafka: portOf('kafka'),
      clickhouse: portOf('clickhouse'),
      postgres: portOf('postgres'),
    };
    const nodes = readNodes(env.KAFKA_NODES);
    const given = { brokers, clickhouseUrl, databaseUrl };
    const servers = await startServers({ dataDir, ports, nodes, ...given, say: options.say });
    held.push(() => servers.stop());
    options.signal?.throwIfAborted();

    const where = {
      KAFKA_BROKERS: servers.brokers,
      CLICKHOUSE_URL: servers.clickhouseUrl,
      DATABASE_URL: servers.databaseUrl,
    };
    const layout = await layoutOf(servers, dataDir, nodes, env);
    // The api asks the collector, and must know where before either has started.
    const inside = present(env.COLLECTOR_INTERNAL_ADDRESS);
    const internal = await knownPort(portOf('collector-internal'), inside);
    const asked = {
      COLLECTOR_INTERNAL_PORT: String(internal),
      COLLECTOR_INTERNAL_URL: present(env.COLLECTOR_INTERNAL_URL) ?? urlOf(inside, internal),
    };
    const own = {
      env: { ...env, ...where, ...layout, ...asked, TRIBUTARY_DATA: dataDir },
      dataDir,
    };
    const services = names.map(
      (name) => new ServiceProcess({ ...options, ...own, name, port: portOf(name) }),
    );
    held.push(() => drain(services, options.say));
    await startAll(services, options.signal);
    return { ...servers, dataDir, services: byName<S>(services), stop };
  } catch (error) {
    await stop();
    options.signal?.throwIfAborted();
    throw error;
  }
}

interface Listening extends Pick<ServersOptions, 'brokers' | 'clickhouseUrl' | 'databaseUrl'> {
  readonly names: readonly ServiceName[];
  readonly portOf: (name: Listener) => number;
  readonly env: NodeJS.ProcessEnv;
}

/** @throws SupervisorError naming the setting of a port that is taken */
async function assertAllFree({ names, portOf, env, ...given }: Listening): Promise<void> {
  for (const name of names) await assertFree(portOf(name), portSetting(name), present(env.BIND_ADDRESS));
  if (names.includes('collector')) {
    const name = 'collector-internal';
    await assertFree(portOf(name), portSetting(name), present(env.COLLECTOR_INTERNAL_ADDRESS));
  }
  if (given.brokers === undefined) await assertFree(portOf('kafka'), 'KAFKA_PORT');
  if (given.clickhouseUrl === undefined) await assertFree(portOf('clickhouse'), 'CLICKHOUSE_PORT');
  if (given.databaseUrl === undefined) await assertFree(portOf('postgres'), 'POSTGRES_PORT');
}

/** How topics are laid out in a Kafka of our own, where the settings do not say; nothing of another's. */
async function layoutOf(
  { kafka }: Servers,
  dataDir: string,
  nodes: Nodes,
  env: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  if (!kafka) return {};
  return {
    KAFKA_REPLICATION: present(env.KAFKA_REPLICATION) ?? String(nodes),
    KAFKA_PARTITIONS: await partitionsOf(dataDir, present(env.KAFKA_PARTITIONS)),
  };
}

const present = (text: string | undefined) => (text === '' ? undefined : text);

async function startAll(services: readonly ServiceProcess[], signal: AbortSignal | undefined): Promise<void> {
  const giveUp = () => void drain(services, undefined);
  signal?.addEventListener('abort', giveUp);
  await Promise.all(services.map((service) => service.start()));
  signal?.removeEventListener('abort', giveUp);
}

async function drain(services: readonly ServiceProcess[], say: PlatformOptions['say']): Promise<void> {
  for (const service of services) {
    say?.(`waiting for ${service.name} to drain …`);
    await service.stop();
  }
}

function byName<S extends ServiceName>(
  services: readonly ServiceProcess[],
): Readonly<Record<S, ServiceProcess>> {
  const entries = services.map((service) => [service.name, service] as const);
  return Object.fromEntries(entries) as Record<S, ServiceProcess>;
}
