import { KafkaConnection } from '@tributary/kafka';
import {
  ANY_PORTS,
  startPlatform,
  type Platform,
  type PlatformOptions,
  type ServiceName,
} from '@tributary/supervisor';
import { existsSync, mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keysOf } from '../client/address.js';
import { Client } from '../client/client.js';
import { HarnessError } from '../harness.errors.js';

/** What a platform of one's own is started with. */
export interface OwnPlatformOptions<S extends ServiceName = ServiceName> extends Pick<
  PlatformOptions<S>,
  'services' | 'brokers' | 'clickhouseUrl' | 'databaseUrl' | 'nodeArguments' | 'say'
> {
  /** Stays when the platform goes. Default: a temporary folder that goes with it. */
  readonly dataDir?: string;
  /** Settings beside those of {@link ownEnvironment}. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether services that end unasked are started again. Default: no. */
  readonly restart?: boolean;
}

/** A platform that runs, and the ways to it. */
export interface OwnPlatform<S extends ServiceName = ServiceName> extends Omit<Platform<S>, 'stop'> {
  readonly client: Client;
  readonly connection: KafkaConnection;
  /** The ids of its processes, of the latest starts, by the name of the service or server. */
  readonly processes: () => ReadonlyMap<string, number>;
  /**
   * Where nothing is started again, a process that has ended is the end of a measurement.
   *
   * @throws HarnessError with the last thing that its log says
   */
  readonly assertAllRun: () => Promise<void>;
}

/** What says where a platform is and what opens it; settings that say how it works are taken over. */
const OF_ANOTHER = [
  'KAFKA_BROKERS',
  'CLICKHOUSE_URL',
  'CLICKHOUSE_DATABASE',
  'CONTROL_SECRET_KEYS',
  'DATABASE_URL',
  'COLLECTOR_INTERNAL_PORT',
  'COLLECTOR_INTERNAL_URL',
  'PROFILE_BUILDER_INTERNAL_PORT',
  'PROFILE_BUILDER_INTERNAL_URL',
  'TRIBUTARY_DATA',
  'TRIBUTARY_WORKSPACE',
  'TRIBUTARY_WRITE_KEY',
  'TRIBUTARY_API_TOKEN',
];
const LONGEST_LINE = 600;

/**
 * This process's environment without the settings that are of another platform. Nobody is given computed traits by default,
 * unless a setting says so: what is measured or compared is what was defined.
 */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !OF_ANOTHER.includes(name));
  return { API_DEFAULT_TRAITS: 'false', ...Object.fromEntries(own) };
}

/** A temporary folder that is removed when the stack is undone. */
export function ownFolder(stack: AsyncDisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Starts a platform on free ports. When the stack is undone, everything that was started is ended, also in the middle
 * of the start or after it has failed.
 *
 * @throws SupervisorError, EmbeddedKafkaError, EmbeddedClickHouseError, EmbeddedPostgresError
 */
export async function startOwnPlatform<S extends ServiceName = ServiceName>(
  stack: AsyncDisposableStack,
  { dataDir = ownFolder(stack), restart = false, ...options }: OwnPlatformOptions<S> = {},
): Promise<OwnPlatform<S>> {
  const env = { ...ownEnvironment(), ...options.env };
  const over = new AbortController();
  const own = { dataDir, restart, env, ports: ANY_PORTS, signal: over.signal };
  const starting = startPlatform<S>({ ...options, ...own });
  stack.defer(async () => {
    over.abort();
    await (await starting.catch(() => undefined))?.stop();
  });
  const platform = await starting;
  return {
    ...platform,
    client: clientOf(platform, env),
    connection: new KafkaConnection({ brokers: platform.brokers.split(','), clientId: 'harness' }),
    processes: () => processesOf(platform),
    assertAllRun: () => assertAllRun(platform),
  };
}

/** Services answer elsewhere after another start. */
function clientOf<S extends ServiceName>({ services }: Platform<S>, env: NodeJS.ProcessEnv): Client {
  const urlOf = (name: ServiceName) => {
    const service = (services as Partial<Platform['services']>)[name];
    if (!service) throw new HarnessError(`this platform was started without ${name}`);
    return service.url;
  };
  return new Client({
    ...keysOf(env),
    get collectorUrl() {
      return urlOf('collector');
    },
    get apiUrl() {
      return urlOf('api');
    },
  });
}

function processesOf<S extends ServiceName>(platform: Platform<S>): ReadonlyMap<string, number> {
  const { kafka, clickhouse, postgres, services } = platform;
  const all: Readonly<Record<string, { readonly pid?: number | undefined } | undefined>> = {
    ...services,
    kafka,
    clickhouse,
    postgres,
  };
  return new Map(
    Object.entries(all).flatMap(([name, { pid } = {}]) => (pid === undefined ? [] : [[name, pid] as const])),
  );
}

async function assertAllRun<S extends ServiceName>(platform: Platform<S>): Promise<void> {
  for (const [name, pid] of processesOf(platform)) {
    if (existsSync(`/proc/${pid}`)) continue;
    const log = await readFile(join(platform.dataDir, 'logs', `${name}.log`), 'utf8').catch(() => '');
    const last = log.trim().split('\n').at(-1)?.slice(0, LONGEST_LINE);
    throw new HarnessError(`${name} has ended in the middle of it; its log ends with: ${last ?? 'nothing'}`);
  }
}
