import { startClickHouse } from '@tributary/embedded-clickhouse';
import { startKafka } from '@tributary/embedded-kafka';
import { join, resolve } from 'node:path';
import { lockDataFolder } from './data-folder.js';
import { assertFree } from './ports.js';
import { ServiceProcess } from './service-process.js';

/** The services in the order in which they drain, each with the setting and default of its port. */
export const SERVICES = [
  { name: 'collector', setting: 'COLLECTOR_PORT', port: 8080 },
  { name: 'api', setting: 'API_PORT', port: 8081 },
  { name: 'segmentation', setting: 'SEGMENTATION_PORT', port: 8084 },
  { name: 'profile-builder', setting: 'PROFILE_BUILDER_PORT', port: 8083 },
  { name: 'identity', setting: 'IDENTITY_PORT', port: 8082 },
] as const;

export type ServiceName = (typeof SERVICES)[number]['name'];

export interface PlatformOptions {
  /** Settings, as in the environment. `KAFKA_BROKERS`, `CLICKHOUSE_URL`: used instead of servers of our own. */
  readonly env: NodeJS.ProcessEnv;
  /** Whether services that end unasked are started again. */
  readonly restart: boolean;
  /** Takes lines for people. */
  readonly say: (line: string) => void;
}

/** A platform that runs. */
export interface Platform {
  readonly dataDir: string;
  readonly brokers: string;
  readonly clickhouseUrl: string;
  readonly services: Readonly<Record<ServiceName, ServiceProcess>>;
  /** Drains in the order of the flow, then ends the servers that it started. */
  stop(): Promise<void>;
}

interface Server {
  stop(): Promise<void>;
}

/** Starts brokers and engine where none are given, then the services; resolves when all are ready. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { env } = options;
  const dataDir = resolve(env.TRIBUTARY_DATA ?? '.tributary');
  const lock = await lockDataFolder(dataDir);
  const servers: Server[] = [];
  const started: ServiceProcess[] = [];
  const stop = async () => {
    for (const service of started) await service.stop();
    for (const server of servers) await server.stop();
    await lock.release();
  };
  try {
    await checkPorts(env);
    const [brokers, clickhouseUrl] = await startServers(env, dataDir, servers);
    const services = SERVICES.map(({ name, setting }) => {
      const own = { KAFKA_BROKERS: brokers, CLICKHOUSE_URL: clickhouseUrl, TRIBUTARY_DATA: dataDir };
      return new ServiceProcess({
        ...options,
        name,
        dataDir,
        env: { ...env, ...own, [setting]: portOf(env, setting) },
      });
    });
    started.push(...services);
    await Promise.all(services.map((service) => service.start()));
    const byName = Object.fromEntries(services.map((s) => [s.name, s])) as Record<
      ServiceName,
      ServiceProcess
    >;
    return { dataDir, brokers, clickhouseUrl, services: byName, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function portOf(env: NodeJS.ProcessEnv, setting: string): string {
  return env[setting] ?? String(SERVICES.find((service) => service.setting === setting)?.port ?? 0);
}

async function checkPorts(env: NodeJS.ProcessEnv): Promise<void> {
  for (const { setting } of SERVICES) await assertFree(Number(portOf(env, setting)), setting);
  if (!env.KAFKA_BROKERS) await assertFree(Number(env.KAFKA_PORT ?? 9092), 'KAFKA_PORT');
  if (!env.CLICKHOUSE_URL) await assertFree(Number(env.CLICKHOUSE_PORT ?? 8123), 'CLICKHOUSE_PORT');
}

async function startServers(
  env: NodeJS.ProcessEnv,
  dataDir: string,
  servers: Server[],
): Promise<readonly [brokers: string, clickhouseUrl: string]> {
  const keep = <T extends Server>(server: T): T => {
    servers.push(server);
    return server;
  };
  const kafka = async () =>
    env.KAFKA_BROKERS ??
    keep(await startKafka({ dataDir: join(dataDir, 'kafka'), port: Number(env.KAFKA_PORT ?? 9092) })).brokers;
  const clickhouse = async () =>
    env.CLICKHOUSE_URL ??
    keep(
      await startClickHouse({
        dataDir: join(dataDir, 'clickhouse'),
        port: Number(env.CLICKHOUSE_PORT ?? 8123),
      }),
    ).url;
  const [brokers, url] = await Promise.allSettled([kafka(), clickhouse()]);
  if (brokers.status === 'rejected') throw brokers.reason;
  if (url.status === 'rejected') throw url.reason;
  return [brokers.value, url.value];
}
